"""All checks, in the order in which what one finds helps to read the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.config import ConfigurationError, Settings
from app.doctor import agent, configuration, mint
from app.doctor.actions import exported
from app.doctor.check import Check
from app.doctor.clock import clock
from app.doctor.genesys import genesys
from app.doctor.service import deployed
from app.doctor.web import Web
from app.genesys.access import GenesysSettings
from app.metrics import dogstatsd
from app.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Patient:
    """What is to be looked at: this environment; a service at an address, with a client of it; exported actions."""

    environ: Mapping[str, str]
    url: str | None = None
    credentials: tuple[str, str] | None = None
    actions: Path | None = None


def examine(patient: Patient, web: Web) -> list[Check]:
    """Return every check."""
    checks = _local(patient, web)
    if patient.url is not None:
        checks += _deployed(patient.url, patient.credentials, web)
    checks += _genesys(patient, web)
    if patient.actions is not None:
        checks += exported(patient.actions, patient.url)
    return [*checks, clock(web.skews)]


def _local(patient: Patient, web: Web) -> list[Check]:
    """Look at the service as it would run here, unless it is another's address and nothing of it is set here."""
    if patient.url is not None and not configuration.is_given(patient.environ):
        what = "no service is configured in this environment; the one at --url is asked instead"
        fix = "Run the doctor in the service's environment too, as with `heroku run python -m app.cli doctor`."
        return [Check(configuration.CONFIGURATION, "skipped", what, fix)]
    checks, settings = configuration.configuration(patient.environ)
    if settings is not None:
        checks += [configuration.tokens(settings), configuration.clients(settings), *_minted_here(patient, settings)]
    metrics = dogstatsd()
    return [
        *checks,
        agent.traces(web, Telemetry().agent_url),
        agent.metrics(metrics.host or "", metrics.port or 0, metrics.socket_path),
    ]


def _minted_here(patient: Patient, settings: Settings) -> list[Check]:
    return [] if patient.url is not None else [mint.in_process(settings, mint.throw_away_conversation())]


def _deployed(url: str, credentials: tuple[str, str] | None, web: Web) -> list[Check]:
    checks = deployed(web, url)
    if checks[0].status == "failed":
        return checks
    if credentials is None:
        fix = "Set CALLSPAN_CLIENT_ID and CALLSPAN_CLIENT_SECRET to those of a client with the scope actions."
        return [*checks, Check(mint.MINT, "skipped", "no client of the service is given", fix)]
    return [*checks, *mint.over_http(web, url, credentials, mint.throw_away_conversation())]


def _genesys(patient: Patient, web: Web) -> list[Check]:
    try:
        return [genesys(web, GenesysSettings.from_environ(patient.environ))]
    except ConfigurationError:
        return []  # Told with the configuration.
