"""The messages that are read from state.proto."""

from agentreplay.core.state_messages import message, methods, service


def test_the_service_has_its_methods() -> None:
    assert service() == "agentreplay.state.v1.State"
    streams = {method.name: method.is_stream for method in methods()}
    assert (streams["Commit"], streams["Replay"], streams["Watch"]) == (False, True, True)


def test_a_message_survives_the_wire() -> None:
    event = message("Event")(
        txn_id="t",
        commit_ts=2**63,
        operations=[
            message("Operation")(key="k", version=1, value=""),
            message("Operation")(key="l", version=2),
        ],
    )

    again = message("Event").FromString(event.SerializeToString())

    assert again == event
    assert [done.HasField("value") for done in again.operations] == [True, False]


def test_the_bytes_are_those_that_other_languages_expect() -> None:
    """Field 1 a text, field 6 a number that is there although it is 0."""
    told = message("WriteRequest")(txn_id="t", expected=0).SerializeToString()

    assert told == b"\x0a\x01t\x30\x00"
