import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from media_assets.exports.ledger import rejects, unaccounted, whole_episode
from media_assets.exports.schema import RECORDS, REJECT_LEDGER
from media_assets.shots.schema import CLIPS
from media_assets_tests.exports.synthetic import bad_episode, enter, good_episode, put
from resources.home import Home

PAIR = {"episode_id": pl.String, "clip_id": pl.String}
NAMES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), unique=True, max_size=12)


def pairs(names) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    return pl.DataFrame([(e, f"{e}-{n:08d}") for e, n in names], schema=PAIR, orient="row")


def ledger(rejected: pl.DataFrame, *whole: str) -> pl.DataFrame:
    rows = [*rejected.to_dicts(), *({"episode_id": e, "clip_id": None} for e in whole)]
    return REJECT_LEDGER.frame(row | {"stage": "x", "reasons": ["y"]} for row in rows)


@given(NAMES, st.data())
def test_clips_split_into_kept_and_rejected_add_up(names, data):
    kept = set(data.draw(st.lists(st.sampled_from(names), unique=True)) if names else [])
    rejected = pairs([name for name in names if name not in kept])
    assert unaccounted(pairs(names), pairs(sorted(kept)), ledger(rejected)).is_empty()


@given(NAMES.filter(bool), st.data())
def test_a_clip_that_is_lost_counted_twice_or_made_up_is_found(names, data):
    wrong = data.draw(st.sampled_from(names))
    others = [name for name in names if name != wrong]
    found = pairs([wrong])["clip_id"].to_list()
    nothing = ledger(pairs([]))
    lost = unaccounted(pairs(names), pairs(others), nothing)
    twice = unaccounted(pairs(names), pairs(names), ledger(pairs([wrong])))
    made_up = unaccounted(pairs(others), pairs(names), nothing)
    assert [frame["clip_id"].to_list() for frame in (lost, twice, made_up)] == [found] * 3
    assert [frame["times"].item() for frame in (lost, twice, made_up)] == [0, 2, 1]


def test_an_episode_that_is_out_is_accounted_for_with_all_its_clips():
    clips = pairs([("a", 1), ("b", 1)])
    assert unaccounted(clips, pairs([("a", 1)]), ledger(pairs([]), "b")).is_empty()


def test_an_episode_is_out_at_the_first_asset_that_says_why(home: Home):
    bad_episode(home, "bad")
    enter(home, "new")
    good_episode(home, "good")
    assert whole_episode(home, "bad") == {
        "episode_id": "bad",
        "clip_id": None,
        "stage": "masters",
        "reasons": ["bad.mp4: moov atom not found. Copy it again."],
    }
    assert whole_episode(home, "new")["stage"] == "masters"
    assert whole_episode(home, "new")["reasons"] == ["not made yet"]
    assert whole_episode(home, "good")["reasons"] == ["not made yet"]
    put(home, RECORDS, "good", [{"episode_id": "good", "clip_id": "good-00000000"}])
    assert whole_episode(home, "good") is None


def test_an_episode_without_any_clip_is_out_too(home: Home):
    enter(home, "slides")
    from media_assets.exports.ledger import CHAIN

    for table in CHAIN:
        put(home, table, "slides", [])
    row = whole_episode(home, "slides")
    assert (row["stage"], row["reasons"]) == (CLIPS.name, ["no clip in any shot"])
    assert rejects(home, ("slides",), RECORDS.empty().lazy()).height == 1
