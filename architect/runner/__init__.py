"""Runs Architect flows offline: a flow's YAML and a scenario in, what happened to the call out."""

from architect.runner.errors import FlowError, Problem, ScenarioError
from architect.runner.flow import Flow
from architect.runner.loading import load_flow
from architect.runner.run import Run, run_flow
from architect.runner.scenario import Choice, OutsideWrite, Reply, Scenario
from architect.runner.transcript import Lost, Step, Transcript

__all__ = [
    "Choice",
    "Flow",
    "FlowError",
    "Lost",
    "OutsideWrite",
    "Problem",
    "Reply",
    "Run",
    "Scenario",
    "ScenarioError",
    "Step",
    "Transcript",
    "load_flow",
    "run_flow",
]
