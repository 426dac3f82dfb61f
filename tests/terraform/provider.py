"""A Terraform provider that has only a schema: `python -m tests.terraform.provider SCHEMA RULES`.

Terraform starts it as a plugin (protocol 6), so that `terraform validate`, `test` with a mock, `plan` and `apply` are
done by Terraform itself, without the real provider and without a network. What is applied is created nowhere; computed
texts become UUIDs, and every change is made in place. The schema is JSON:
`resource_schemas`, `data_source_schemas` and `provider_schema`, with blocks
`{"attributes": {name: {"type": ..., "required" | "optional" | "computed" | "sensitive": true}}, "block_types": {name:
{"nesting_mode": ..., "min_items": ..., "max_items": ..., "block": ...}}}`, types being in Terraform's JSON notation.
`RULES` is described in rules.py.
"""

# ruff: noqa: ARG002, N802 - the methods' names and arguments are those of Terraform's protocol
from __future__ import annotations

import base64
import json
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import msgpack
from tf.gen import grpc_controller_pb2, grpc_controller_pb2_grpc, grpc_stdio_pb2_grpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc
from tf.runner import _self_signed_cert

from tests.terraform.rules import Rules, Violation, violations

UNKNOWN = msgpack.ExtType(0, b"\x00")
"""A value that is known after apply, as Terraform writes it."""

Block = Mapping[str, Any]


class SchemaOnly(rpc.ProviderServicer):
    """Answers what Terraform asks of a provider, as though all it asks for came to be."""

    def __init__(self, schema: Mapping[str, Any], rules: Rules) -> None:
        self._schema = schema
        self._rules = rules

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return pb.GetProviderSchema.Response(
            provider=_schema(self._schema["provider_schema"]),
            resource_schemas={name: _schema(block) for name, block in self._schema["resource_schemas"].items()},
            data_source_schemas={name: _schema(block) for name, block in self._schema["data_source_schemas"].items()},
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        found = violations(self._rules, request.type_name, _decoded(request.config))
        return pb.ValidateResourceConfig.Response(diagnostics=[_diagnostic(violation) for violation in found])

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return pb.ConfigureProvider.Response()

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        planned = _decoded(request.proposed_new_state)
        if planned is not None:
            attributes = self._schema["resource_schemas"][request.type_name]["attributes"].items()
            computed = [name for name, it in attributes if it.get("computed") and planned[name] is None]
            planned |= dict.fromkeys(computed, UNKNOWN)
        return pb.PlanResourceChange.Response(planned_state=_encoded(planned))

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        state = _decoded(request.planned_state)
        if state is not None:
            state |= {name: str(uuid4()) for name, value in state.items() if value == UNKNOWN}
        return pb.ApplyResourceChange.Response(new_state=_encoded(state))

    def ReadResource(self, request: Any, context: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state)

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        return pb.UpgradeResourceState.Response(upgraded_state=pb.DynamicValue(json=request.raw_state.json))

    def GetFunctions(self, request: Any, context: Any) -> Any:
        return pb.GetFunctions.Response()

    def StopProvider(self, request: Any, context: Any) -> Any:
        return pb.StopProvider.Response()


class Controller(grpc_controller_pb2_grpc.GRPCControllerServicer):
    """Lets Terraform end the process."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def Shutdown(self, request: Any, context: Any) -> Any:
        self.ended.set()
        return grpc_controller_pb2.Empty()


class Stdio(grpc_stdio_pb2_grpc.GRPCStdioServicer):
    """Has no output to pass on."""

    def StreamStdio(self, request: Any, context: Any) -> Iterator[Any]:
        return iter(())


def serve(provider: SchemaOnly) -> None:
    """Serve on a socket in a temporary folder, tell Terraform which on stdout, and stop when it says so."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=[("grpc.max_receive_message_length", -1)])
    controller = Controller()
    rpc.add_ProviderServicer_to_server(provider, server)
    grpc_controller_pb2_grpc.add_GRPCControllerServicer_to_server(controller, server)
    grpc_stdio_pb2_grpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    certificate, credentials = _self_signed_cert()
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/provider.sock"
        server.add_secure_port(f"unix://{socket}", credentials)
        server.start()
        print(f"1|6|unix|{socket}|grpc|{base64.b64encode(certificate).decode().rstrip('=')}", flush=True)  # noqa: T201
        controller.ended.wait()
        server.stop(grace=0.2).wait()


def _schema(block: Block) -> Any:
    return pb.Schema(block=_block(block))


def _block(block: Block) -> Any:
    attributes = [
        pb.Schema.Attribute(name=name, **{**attribute, "type": json.dumps(attribute["type"]).encode()})
        for name, attribute in block["attributes"].items()
    ]
    nested = [
        pb.Schema.NestedBlock(
            type_name=name,
            block=_block(inner["block"]),
            nesting=pb.Schema.NestedBlock.NestingMode.Value(inner["nesting_mode"].upper()),
            min_items=inner["min_items"],
            max_items=inner["max_items"],
        )
        for name, inner in block["block_types"].items()
    ]
    return pb.Schema.Block(attributes=attributes, block_types=nested)


def _decoded(value: Any) -> Any:
    if value.msgpack:
        return msgpack.unpackb(value.msgpack, strict_map_key=False)
    return json.loads(value.json)


def _encoded(value: Any) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def _diagnostic(violation: Violation) -> Any:
    steps = [
        pb.AttributePath.Step(element_key_int=step)
        if isinstance(step, int)
        else pb.AttributePath.Step(attribute_name=step)
        for step in violation.path
    ]
    return pb.Diagnostic(
        severity=pb.Diagnostic.ERROR, summary=violation.message, attribute=pb.AttributePath(steps=steps)
    )


if __name__ == "__main__":
    serve(SchemaOnly(*(json.loads(Path(path).read_text()) for path in sys.argv[1:])))
