"""A replay is identical when everything is, and its proof says so; one changed hit is not."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.model.call import Answer, Call
from agentreplay.playback.canonical import answer_digest
from agentreplay.playback.player import Player
from agentreplay.playback.tape import Outputs, Tape
from agentreplay.playback.verdict import EXIT_CODES, Met, Report, Verdict, judge, prove
from tests.playback.test_player import SITE, meet
from tests.taping import ask, call, tape_of, tool

OUTPUTS = Outputs(stdout=b"out\n", stderr=b"", exit_code=0, returned=b"1")
CALLS = tuple(tool(number, result=number, order=str(number)) for number in range(1, 6))
TAPE = tape_of(*CALLS, outputs=OUTPUTS)


def met_of(calls: Sequence[Call]) -> list[Met]:
    return [Met(*one.address, one.digest, answer_digest(one.answer)) for one in calls if one.answer]


def replayed(tape: Tape, *requests: tuple[str, Any], outputs: Outputs = OUTPUTS) -> Verdict:
    player = Player(tape)
    for address, request in requests:
        meet(player, address, request)
    return judge(tape, [player.finish()], outputs)


def same(tape: Tape = TAPE) -> list[tuple[str, Any]]:
    return [(str(one.address), one.request) for one in tape.calls]


def test_the_same_again_is_identical_with_the_same_proof() -> None:
    verdict = replayed(TAPE, *same())

    assert (verdict.status, verdict.exit_code, verdict.served, verdict.calls) == ("identical", 0, 5, 5)
    assert verdict.replayed_proof == verdict.recorded_proof


@given(st.integers(0, 4), st.sampled_from(["request", "answer", "path", "ordinal"]))
def test_one_changed_hit_changes_the_proof(number: int, field: str) -> None:
    met = met_of(CALLS)
    one = met[number]
    other = one._replace(ordinal=99) if field == "ordinal" else one._replace(**{field: getattr(one, field) + "x"})
    changed = [*met[:number], other, *met[number + 1 :]]

    assert prove(changed, OUTPUTS) != prove(met, OUTPUTS)
    assert prove(met[:number] + met[number + 1 :], OUTPUTS) != prove(met, OUTPUTS)


@pytest.mark.parametrize(
    "change", [{"stdout": b"out"}, {"stdout": None}, {"exit_code": 1}, {"exit_code": None}, {"returned": b"2"}]
)
def test_one_changed_output_changes_the_proof_and_the_verdict(change: dict[str, Any]) -> None:
    other = dataclasses.replace(OUTPUTS, **change)

    verdict = replayed(TAPE, *same(), outputs=other)

    assert prove(met_of(CALLS), other) != prove(met_of(CALLS), OUTPUTS)
    assert verdict.status == "diverged"
    assert verdict.replayed_proof != verdict.recorded_proof


@given(st.integers(0, 4))
def test_one_call_fewer_is_never_identical(number: int) -> None:
    steps = same()
    verdict = replayed(TAPE, *steps[:number], *steps[number + 1 :])

    assert verdict.status == "diverged"
    assert verdict.diverged_at == CALLS[number].seq
    assert [found.kind for found in verdict.divergences] == ["missing"]
    assert verdict.replayed_proof != verdict.recorded_proof


def test_one_call_more_is_never_identical() -> None:
    for on_tape in (TAPE, tape_of(outputs=OUTPUTS)):
        verdict = replayed(on_tape, *same(on_tape), ("main#6", ask("more")))

        assert verdict.status == "diverged"
        assert verdict.divergences[0].kind == "new"


def test_of_several_divergences_the_first_in_the_session_is_told_first() -> None:
    later = Report(divergences=list(replayed(TAPE, ("main#4", ask("x"))).divergences[:1]))
    earlier = Report(divergences=list(replayed(TAPE, ("main#2", ask("x"))).divergences[:1]))
    for report in (later, earlier):
        report.stopped = True

    verdict = judge(TAPE, [later, earlier], OUTPUTS)

    assert [found.seq for found in verdict.divergences] == sorted(found.seq for found in verdict.divergences)
    assert verdict.diverged_at == CALLS[1].seq


def test_logs_are_no_part_of_the_proof_and_their_change_is_noted() -> None:
    verdict = replayed(TAPE, *same(), outputs=dataclasses.replace(OUTPUTS, stderr=b"warning"))

    assert verdict.status == "identical"
    assert verdict.replayed_proof == verdict.recorded_proof
    assert verdict.notes == ("the program wrote something else to stderr",)


def test_what_was_not_as_recorded_and_did_no_harm_is_drift() -> None:
    verdict = judge(TAPE, [Report(met=met_of(CALLS), notes=["a reading more"], remarks=["a remark"])], OUTPUTS)

    assert (verdict.status, verdict.exit_code) == ("drift", 0)
    assert verdict.notes == ("a reading more", "a remark")


def test_a_connection_beside_all_seams_cannot_be_replayed() -> None:
    report = Report(met=met_of(CALLS), refused=["a.example:443"])

    verdict = judge(TAPE, [report], OUTPUTS)

    assert (verdict.status, verdict.exit_code) == ("unreplayable", 4)
    assert verdict.why == "the program connects to a.example:443 through no seam"


def test_what_nobody_records_is_told_before_what_came_of_it() -> None:
    report = Report(refused=["grpc"], met=met_of(CALLS[:2]))

    verdict = judge(dataclasses.replace(TAPE, unrecorded=("grpc",)), [report], OUTPUTS)

    assert (verdict.status, verdict.why) == ("unreplayable", "grpc was not recorded")


def test_a_recording_that_broke_off_is_the_same_up_to_there_and_no_further() -> None:
    tape = tape_of(*CALLS[:2], call("main#3", CALLS[2].request, None, seq=4), is_finished=False)

    verdict = replayed(tape, *same(tape))

    assert verdict.status == "unreplayable"
    assert verdict.divergences[0].fork_at == "last"
    assert replayed(tape, ("main#1", ask("x"))).status == "diverged"


def test_a_call_that_was_performed_again_is_a_call_that_was_made() -> None:
    live = call("main#1", ask("connect"), Answer(is_live=True, turn=1), seq=2)
    inner = call("main:1#1", ask("inner"), Answer(body=b"1", turn=2), seq=3)
    tape = tape_of(live, inner, outputs=OUTPUTS)

    assert replayed(tape, *same(tape)).status == "identical"
    assert replayed(tape, *same(tape)[:1]).status == "diverged"


def test_calls_inside_of_served_ones_are_part_of_no_proof() -> None:
    inner = msgspec.structs.replace(tool(1, "inner", path="main:1"), inner=True, seq=9)
    tape = tape_of(*CALLS, inner, outputs=OUTPUTS)

    assert replayed(tape, *same()).status == "identical"
    assert replayed(tape, *same(tape)).replayed_proof == replayed(TAPE, *same()).replayed_proof


def test_every_verdict_has_its_exit_code() -> None:
    assert EXIT_CODES == {"identical": 0, "drift": 0, "diverged": 3, "hung": 3, "unreplayable": 4}
    assert SITE.file == "agent.py"
