from __future__ import annotations

import json

from schemas import CONTRACTS
from schemas.openapi import FILE, text


def test_the_committed_description_is_what_the_contracts_give() -> None:
    """`make generate` writes it again."""
    assert FILE.read_text() == text()


def test_every_contract_is_described_with_all_its_inputs_and_outputs() -> None:
    document = json.loads(text())
    components = document["components"]["schemas"]
    for contract in CONTRACTS:
        operation = document["paths"][contract.path]["post"]
        request = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        response = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert list(components[request]["properties"]) == list(contract.input_names())
        assert list(components[response]["properties"]) == list(contract.outputs.fields)
        assert operation["security"] == [{"oauth": [contract.scope]}]
