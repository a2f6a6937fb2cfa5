"""A run that was killed does not keep others waiting."""

import dagster as dg

from media_assets.killed_runs import end_killed_runs, known_to_live
from resources.home import Home


def test_a_killed_run_is_marked_and_gives_back_its_place(home: Home) -> None:
    state = home.root / "dagster"
    state.mkdir(parents=True)

    @dg.op
    def nothing() -> None: ...

    @dg.job
    def work() -> None:
        nothing()

    with dg.DagsterInstance.ephemeral(str(state)) as instance:
        log = instance.event_log_storage
        log.set_concurrency_slots("superres", 1)
        killed, alive = (
            instance.create_run_for_job(work, status=dg.DagsterRunStatus.STARTED).run_id
            for _ in range(2)
        )
        assert log.claim_concurrency_slot("superres", killed, "step").is_claimed
        with known_to_live(home, alive):
            # Its process dies: the system frees the lock, the file stays.
            (home.root / "locks" / "runs" / f"{killed}.lock").touch()
            assert not log.claim_concurrency_slot("superres", alive, "step").is_claimed
            assert end_killed_runs(home, instance) == [killed]
            assert log.claim_concurrency_slot("superres", alive, "step").is_claimed
            assert end_killed_runs(home, instance) == []
        found = {run.run_id: run.status for run in instance.get_runs()}
        assert found[killed] == dg.DagsterRunStatus.FAILURE
        assert found[alive] == dg.DagsterRunStatus.STARTED
        assert not list((home.root / "locks" / "runs").iterdir())
