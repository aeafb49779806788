"""The server on a real socket: what it does with connections, whoever is at their other end."""

from __future__ import annotations

import socket

from web.server import listen


def test_no_part_of_an_answer_waits_for_the_receipt_of_another() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
