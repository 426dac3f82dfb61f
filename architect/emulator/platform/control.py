"""How a stand-in in a process of its own is told what happens in its organisation: `/_stand-in/...`, JSON in and out.

Nothing here is part of Genesys Cloud. A wrong request is answered 400 or 404 with `{"error": "..."}`.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from architect.emulator.platform import documents
from architect.emulator.platform.clients import VIEW_CONVERSATION
from architect.emulator.platform.faults import Fault
from architect.emulator.platform.served import served

PREFIX = "/_stand-in"

_FAULT = tuple(field.name for field in fields(Fault))
_PARTICIPANT = ("purpose", "participant_id", "name", "address", "user_id", "queue_id", "attributes")

control = Blueprint("control", __name__, url_prefix=PREFIX)


@control.errorhandler(KeyError)
def unknown(problem: KeyError) -> ResponseReturnValue:
    """Answer that there is no such thing."""
    return jsonify({"error": f"nothing here is called {problem}"}), 404


@control.errorhandler(TypeError)
@control.errorhandler(ValueError)
def wrong(problem: Exception) -> ResponseReturnValue:
    """Answer what is wrong with the request."""
    return jsonify({"error": str(problem)}), 400


@control.get("/health")
def health() -> Response:
    """Answer that the stand-in is up."""
    return jsonify({})


@control.post("/clients")
def add_client() -> Response:
    """Create an OAuth client; without `permissions` it may view conversations."""
    given = _given("id", "secret", optional=("permissions",))
    client = served().clients.add(given["id"], given["secret"], given.get("permissions", [VIEW_CONVERSATION]))
    return jsonify({"id": client.id, "permissions": sorted(client.permissions)})


@control.post("/tokens/revoke")
def revoke_tokens() -> Response:
    """Make every token issued so far worthless."""
    served().clients.revoke_tokens()
    return jsonify({})


@control.post("/clock")
def advance() -> Response:
    """Let so many seconds pass at once."""
    served().clock.advance(_given("advance")["advance"])
    return jsonify({"now": served().clock.now()})


@control.post("/faults")
def add_fault() -> Response:
    """Let something go wrong: the fields of `Fault`."""
    fault = Fault(**_given(optional=_FAULT))
    served().faults.add(fault)
    return jsonify(asdict(fault))


@control.delete("/faults")
def clear_faults() -> Response:
    """Let everything go well from now on."""
    served().faults.clear()
    return jsonify({})


@control.get("/requests")
def requests() -> Response:
    """List the requests answered so far, without their tokens."""
    return jsonify([asdict(each) for each in served().requests])


@control.post("/conversations")
def start_conversation() -> Response:
    """Start a conversation with these participants, each the arguments of `Conversation.join`."""
    given = _given(optional=("id", "media", "direction", "participants"))
    options = {name: given[name] for name in ("media", "direction") if name in given}
    conversation = served().start_conversation(given.get("id"), **options)
    for participant in given.get("participants", []):
        conversation.join(**participant)
    return jsonify(documents.conversation(conversation))


@control.get("/conversations/<conversation_id>")
def show(conversation_id: str) -> Response:
    """Show a conversation, as the API does."""
    return jsonify(documents.conversation(served().conversation(conversation_id)))


@control.post("/conversations/<conversation_id>/participants")
def join(conversation_id: str) -> Response:
    """Let somebody in: the arguments of `Conversation.join`."""
    return jsonify({"id": served().conversation(conversation_id).join(**_given(optional=_PARTICIPANT)).id})


@control.post("/conversations/<conversation_id>/participants/<participant_id>/leave")
def leave(conversation_id: str, participant_id: str) -> Response:
    """Disconnect a participant."""
    served().conversation(conversation_id).leave(participant_id)
    return jsonify({})


@control.post("/conversations/<conversation_id>/end")
def end(conversation_id: str) -> Response:
    """End a conversation."""
    served().conversation(conversation_id).end()
    return jsonify({})


@control.post("/conversations/<conversation_id>/flows")
def start_flow(conversation_id: str) -> Response:
    """Start a flow of some type, by default inboundCall."""
    flow = served().conversation(conversation_id).start_flow(_given(optional=("type",)).get("type", "inboundCall"))
    return jsonify({"id": flow.id})


@control.post("/conversations/<conversation_id>/flows/<flow_id>/get")
def flow_gets(conversation_id: str, flow_id: str) -> Response:
    """Let a flow read attributes: Get Participant Data."""
    flow = served().conversation(conversation_id).flow(flow_id)
    return jsonify({"attributes": {name: flow.get(name) for name in _given("names")["names"]}})


@control.post("/conversations/<conversation_id>/flows/<flow_id>/set")
def flow_sets(conversation_id: str, flow_id: str) -> Response:
    """Let a flow write attributes: Set Participant Data."""
    flow = served().conversation(conversation_id).flow(flow_id)
    for name, value in _given("attributes")["attributes"].items():
        flow.set(name, value)
    return jsonify({})


@control.post("/conversations/<conversation_id>/flows/<flow_id>/end")
def flow_ends(conversation_id: str, flow_id: str) -> Response:
    """End a flow."""
    served().conversation(conversation_id).flow(flow_id).end()
    return jsonify({})


def _given(*names: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the request's object. Raises ValueError unless it has these names, and else only optional ones."""
    given = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(given, dict) or not set(names) <= given.keys() <= {*names, *optional}:
        listed = [*names, *(f"{name} (optional)" for name in optional)]
        raise ValueError(f"the body is a JSON object with {', '.join(listed)}")
    return given
