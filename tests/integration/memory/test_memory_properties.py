"""What is accepted as properties is as long in the database, and what is told of it can be sent back."""

from __future__ import annotations

import json
from typing import Any

import httpx
import psycopg
import pytest

from quantumsketch.errors import BadInput
from quantumsketch.memory.properties import LONGEST_PROPERTIES, checked_json

pytestmark = pytest.mark.slow
VALUES: list[Any] = [
    1e308, 1.7976931348623157e308, 5e-324, -2.5e-10, 1e16, 1e22, 6.02214076e23, 0.1, -0.5, 10**300, None,
    'e+ "1e-300" \\', "\x01\x1f\x7f\u2028\t/é漢\U0001f600", {"1e+308": [1e-300, {}]}, [[], [1e308, 1e-308]],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_properties_are_measured_as_postgres_tells_them(
    administrator: psycopg.Connection, value: Any
) -> None:
    def filled_to(length: int) -> dict[str, Any]:
        told = json.dumps({"fill": "", "value": [value] * 50})
        row = administrator.execute("SELECT length(%s::jsonb::text)", [told]).fetchone()
        assert row
        return {"fill": "x" * (length - row[0]), "value": [value] * 50}

    assert checked_json("these", filled_to(LONGEST_PROPERTIES))
    with pytest.raises(BadInput, match=f"these are too long: {LONGEST_PROPERTIES + 1} characters"):
        checked_json("these", filled_to(LONGEST_PROPERTIES + 1))


def test_what_is_told_of_long_properties_can_be_sent_back(client: httpx.Client) -> None:
    most = {"p": [1e308, 5e-324, -1.5e300, 6.02e23, -0.0] * 80}
    sent = {"type": "note", "name": "numbers", "properties": most}
    made = client.post("/v1/nodes", json=sent)
    assert made.status_code == 201
    told = client.get(f"/v1/nodes/{made.json()['id']}").json()["properties"]
    again = client.post("/v1/bulk", json={"entities": [{**sent, "properties": told}]})
    assert again.status_code == 200, again.text
    assert (again.status_code, again.json()["added"], again.json()["changed"]) == (200, 0, 0)
    assert [float(number) for number in told["p"]] == most["p"]
    swollen = client.post("/v1/nodes", json={**sent, "name": "more", "properties": {"p": [1e308] * 400}})
    assert swollen.status_code == 400
    assert "124407 characters, with numbers written out" in swollen.json()["error"]
