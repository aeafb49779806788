"""What the proxy refuses, in words: an HTTP answer for the payload, a list of bounded size for the host."""

from __future__ import annotations

from http import HTTPStatus

MOST_NOTES = 20
LONGEST_NOTE = 200


class Refused(Exception):
    """A request that is not served; the message says what was asked and why it is not served."""

    def __init__(self, why: str, status: HTTPStatus = HTTPStatus.FORBIDDEN) -> None:
        super().__init__(why)
        self.why = why if len(why) <= LONGEST_NOTE else f"{why[: LONGEST_NOTE - 1]}…"
        self.status = status

    def answer(self) -> bytes:
        """Return it as a whole HTTP response."""
        body = f"refused: {self.why}\n".encode(errors="replace")
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        return head.encode() + body


class Notes:
    """What the policy has refused, each thing once; the payload cannot make it long."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}
        self._dropped = False

    def add(self, refusal: Refused) -> None:
        """Note a refusal if it is the policy's: nonsense and hosts that do not answer are not."""
        if refusal.status is not HTTPStatus.FORBIDDEN or refusal.why in self._notes:
            return
        if len(self._notes) < MOST_NOTES:
            self._notes[refusal.why] = None
        else:
            self._dropped = True

    def all(self) -> tuple[str, ...]:
        """Return the notes, the oldest first."""
        return (*self._notes, *(["and more"] if self._dropped else []))
