"""Every rule on flows, by its name."""

from __future__ import annotations

from architect.linter.rule import Rule

_FLOWS = "all published flows looked at"
_BLUEPRINT = "Genesys blueprint on flows that stay up when data actions do not"
_PARTICIPANT = 'Genesys, "Set Participant Data action" and "Get Participant Data action"'
_ARCHY = 'Genesys Cloud Developer Center, "Archy"'

FLOW_RULES = {
    rule.id: rule
    for rule in (
        Rule(
            "flow-unreadable",
            "error",
            "the file is not a flow in Archy's YAML",
            "Archy cannot read it",
            _ARCHY,
        ),
        Rule(
            "action-not-runnable",
            "note",
            "an action that cannot be run offline",
            "`callspan flow run` refuses the flow; Archy does not mind",
            "this tool",
        ),
        Rule(
            "failure-path-missing",
            "warning",
            "a Call Data Action has nothing on its Failure path",
            "the flow goes on as if nothing had happened when the back end fails",
            _BLUEPRINT,
        ),
        Rule(
            "timeout-path-missing",
            "warning",
            "a Call Data Action has nothing on its Timeout path",
            "the flow goes on as if nothing had happened when the back end is slow",
            _BLUEPRINT,
        ),
        Rule(
            "failure-outputs-in-voice-flow",
            "error",
            "a Call Data Action in a voice flow has failureOutputs",
            "voice flows get none, so Archy refuses them",
            _FLOWS,
        ),
        Rule(
            "failure-outputs-incomplete",
            "warning",
            "a Call Data Action outside voice flows lacks some of its thirteen failureOutputs",
            "the flow cannot see why the action failed; every export has all of them",
            _FLOWS,
        ),
        Rule(
            "failure-output-unknown",
            "error",
            "a failure output that does not exist",
            "Archy knows thirteen and refuses others",
            _FLOWS,
        ),
        Rule(
            "variable-undeclared",
            "error",
            "an expression uses a variable that is not declared",
            "Archy refuses the expression",
            _ARCHY,
        ),
        Rule(
            "target-undeclared",
            "warning",
            "a value is put in a variable that is not declared",
            "Archy makes the variable, also when its name is a misspelling of another",
            "Architect scripting SDK",
        ),
        Rule(
            "yes-no-unquoted",
            "warning",
            "yes or no as a key without quotes",
            "YAML 1.1 reads true and false: other tools lose the path",
            "YAML 1.1; newer exports quote them",
        ),
        Rule(
            "expression-invalid",
            "error",
            "an expression that Architect does not accept",
            "Archy refuses the flow",
            "Architect's expression help",
        ),
        Rule(
            "expression-type",
            "error",
            "an expression gives another type than is wanted here",
            "Archy refuses the flow",
            "Architect's expression help",
        ),
        Rule(
            "data-action-unknown",
            "error",
            "there is no export of the data action",
            "Archy finds data actions by their exact name",
            _ARCHY,
        ),
        Rule(
            "input-unknown",
            "error",
            "an input that the data action's contract does not have",
            "Archy compares inputs with the published contract",
            _ARCHY,
        ),
        Rule(
            "input-missing",
            "error",
            "an input that the contract requires is not given",
            "every call takes the Failure path",
            'Genesys, "Add contracts to data actions"',
        ),
        Rule(
            "output-unknown",
            "error",
            "an output that the data action's contract does not have",
            "Archy compares outputs with the published contract",
            _ARCHY,
        ),
        Rule(
            "participant-data-name-dotted",
            "warning",
            "the name of participant data has a dot in it",
            "agent scripts cannot read it",
            'Genesys developer blog, "Accessing collected chat v2 information"',
        ),
        Rule(
            "participant-data-too-long",
            "warning",
            "a value longer than 256 characters is written to participant data",
            "a bot flow cannot write it again",
            _PARTICIPANT,
        ),
        Rule(
            "substitution-missing",
            "error",
            "a substitution is not given",
            "Archy stops at it",
            _ARCHY,
        ),
        Rule(
            "substitution-unquoted",
            "warning",
            "a substitution stands without quotes",
            "other tools do not read the file, and a value such as `yes` changes its meaning",
            _ARCHY,
        ),
        Rule(
            "name-too-long",
            "error",
            "a name is longer than 200 characters",
            "Architect refuses it",
            "Architect scripting SDK",
        ),
        Rule(
            "flow-name-invalid",
            "error",
            "the flow's name has a `/` or ends with `-debug`",
            "Architect refuses it",
            'Genesys, "Architect flow names"',
        ),
    )
}
