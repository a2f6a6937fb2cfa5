import re

from hypothesis import given
from hypothesis import strategies as st

from media_assets.captions.compose import (
    Known,
    Line,
    Look,
    anchor,
    compose_structured_caption,
    compose_training_caption,
    looks,
    plain,
    tokens,
)

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=40)
WORD = st.text("abcdefgh éß漢", min_size=1, max_size=12).filter(str.strip)
SHOWN = st.builds(
    Known,
    description=WORD.map(lambda word: f"A {word} shot."),
    show=st.none() | WORD,
    season=st.none() | st.integers(1, 30),
    title=st.none() | WORD,
    scene_type=st.none() | st.sampled_from(["dialogue", "gadget-reveal", "action"]),
    shot_size=st.none() | st.just("close-up"),
    motion=st.lists(st.just("little motion"), max_size=1),
    location=st.none() | WORD,
    looks=st.lists(st.builds(Look, WORD, st.none() | WORD, st.none() | WORD), max_size=3),
    lines=st.lists(st.builds(Line, st.none() | WORD, TEXT), max_size=6),
)

SINGAPORE = Known(
    description="Three spies stand on a Singapore City waterfront dock...",
    show="Totally Spies",
    season=7,
    title="Frankenpanda",
    scene_type="dialogue",
    location="Singapore City",
    looks=[
        Look("Sam", "red-orange hair", "green catsuit"),
        Look("Clover", "blonde hair", "red catsuit"),
        Look("Alex", "short black hair", "yellow catsuit"),
    ],
    lines=[Line("Sam", "And now we're stranded in Singapore with this totes gross claw!")],
)


def parts_of(caption: str) -> tuple[str, list[str]]:
    """Description and parts of the context tag, as a reader of the format takes them apart."""
    description, bracket, tag = caption.partition(" [")
    assert not bracket or tag.endswith("]")
    return description, tag[:-1].split(" | ") if bracket else []


def test_the_example_of_the_reference_comes_out_word_for_word():
    assert compose_training_caption(SINGAPORE) == (
        "Three spies stand on a Singapore City waterfront dock... [Dialogue scene | Location: "
        "Singapore City | Characters: Sam (red-orange hair, green catsuit), Clover (blonde hair, "
        "red catsuit), Alex (short black hair, yellow catsuit) | Dialogue: Sam: \"And now we're "
        'stranded in Singapore with this totes gross claw!"]'
    )
    assert compose_structured_caption(SINGAPORE).startswith(
        "A dialogue scene from Totally Spies Season 7, Frankenpanda, at Singapore City. Characters"
    )


@given(SHOWN)
def test_a_caption_reads_back_as_what_is_known_and_holds_nothing_else(known: Known):
    description, parts = parts_of(compose_training_caption(known))
    assert description == plain(known.description)
    spoken = [line for line in known.lines if line.speaker and plain(line.line)]
    wanted = [
        (known.scene_type, "scene"),
        (known.location, "Location: "),
        (known.looks, "Characters: "),
        (spoken, "Dialogue: "),
    ]
    assert len(parts) == sum(bool(value) for value, _ in wanted)
    for (_, word), part in zip((w for w in wanted if w[0]), parts, strict=True):
        assert word in part
    said = re.findall(r'"([^"]*)"', "".join(parts[-1:])) if spoken else []
    assert said == [plain(line.line) for line in spoken]


@given(SHOWN)
def test_no_empty_part_and_no_placeholder_is_ever_written(known: Known):
    for caption in (compose_training_caption(known), compose_structured_caption(known)):
        assert caption.strip() == caption != ""
        for trace in ("[]", "()", "None", "null", "| |", "  ", ": ]", "[|", ", ,"):
            assert trace not in re.sub(r'"[^"]*"', '""', caption)  # anything may be said


@given(SHOWN, st.integers(5, 80))
def test_dialogue_is_cut_at_the_end_of_a_line_when_the_budget_is_spent(known: Known, budget: int):
    whole = re.findall(r'"[^"]*"', compose_training_caption(known, 10**6))
    cut = compose_training_caption(known, budget)
    lines = re.findall(r'"[^"]*"', cut)
    assert lines == whole[: len(lines)]
    assert tokens(cut) <= budget or not lines


@given(st.lists(st.builds(Line, st.just("Mina"), TEXT), max_size=6))
def test_what_is_said_can_not_break_the_tag(lines: list[Line]):
    caption = compose_training_caption(Known("A shot.", lines=lines))
    assert caption.count("[") == caption.count("]") <= 1
    assert caption.count('"') % 2 == 0
    assert "|" not in caption


def test_lines_of_unknown_speakers_are_not_quoted():
    known = Known("A shot.", lines=[Line(None, "Who is there?"), Line("Mina", "Me.")])
    assert compose_training_caption(known) == 'A shot. [Dialogue: Mina: "Me."]'


def test_a_description_alone_needs_no_brackets():
    assert compose_training_caption(Known("A dark shot.")) == "A dark shot."
    assert compose_structured_caption(Known("A dark shot.")) == "A scene."
    assert compose_structured_caption(Known("", location="Pier", scene_type="action")) == (
        "An action scene at Pier."
    )


def test_framing_and_motion_are_sentences_of_their_own():
    known = Known("", shot_size="medium-wide", motion=["static frame"], title="Who is there?")
    assert compose_structured_caption(known) == (
        "A scene from Who is there? Medium-wide framing. Static frame."
    )


def test_an_outfit_is_named_only_if_worn_in_this_clip():
    cast = {
        "Sam": {
            "hair": ["red-orange hair", "ginger hair"],
            "outfits": [{"label": "catsuit", "description": "green catsuit"}],
        }
    }
    assert [anchor(look) for look in looks(["Sam", "Toby"], [], cast)] == [
        "Sam (red-orange hair)",
        "Toby",
    ]
    worn = [{"character": "Sam", "outfit": "catsuit"}, {"character": "Toby", "outfit": "red vest"}]
    assert [anchor(look) for look in looks(["Sam", "Toby"], worn, cast)] == [
        "Sam (red-orange hair, green catsuit)",
        "Toby (red vest)",
    ]


@given(TEXT, TEXT)
def test_more_text_is_never_fewer_tokens(first: str, second: str):
    assert tokens(f"{first} {second}") == tokens(first) + tokens(second)
    assert tokens("漢字かな") == 4
