"""The score of an episode: every table that has a truth, and why the others have no score."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.library import registrations
from media_assets.scoring.attribution import pool_attribution, score_attribution
from media_assets.scoring.boundaries import pool_clips, pool_shots, score_clips, score_shots
from media_assets.scoring.stems import score_stems
from media_assets.scoring.truth import Truth, find_truth
from media_assets.scoring.turns import TurnScore, as_one_speaker, pool_turns, score_turns
from media_assets.scoring.words import TextScore, pool_text, score_text, score_words
from resources.home import Home
from resources.problems import BadInput, Unusable
from resources.tables import read_footer, read_table

# Table -> the part of the truth that it is scored against, and the files that can hold it.
SCORED = {
    "shots": ("cuts", "a JSON file with `hard_cuts`"),
    "clips": ("cuts", "a JSON file with `hard_cuts`"),
    "diarization": ("turns", "RTTM, TextGrid or STM"),
    "attribution": ("turns", "RTTM, TextGrid or STM"),
    "words": ("words", "a TextGrid with a word tier"),
    "segments": ("text", "STM, SRT or TextGrid"),
    "subtitles": ("text", "STM, SRT or TextGrid"),
    "stems": ("stems", "`<name>.speech_stem.flac`, `<name>.music_stem.flac`"),
}

# What is attributed: level, table, column of its id.
ATTRIBUTED = (
    ("word", "words", "word_id"),
    ("segment", "segments", "segment_id"),
    ("clip", "clips", "clip_id"),
)
SPANS = {"level": pl.String, "id": pl.String, "start_s": pl.Float64, "end_s": pl.Float64}

Score = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]
Regions = pl.DataFrame | None


def score_episode(
    episode_id: str,
    truth: Truth,
    tables: Mapping[str, pl.DataFrame],
    absent: Mapping[str, str] | None = None,
) -> Score:
    """What could be scored of an episode, ready for JSON.

    tables: by name; those of `SCORED` count, of `clips` the kept ones, and of `attribution` the
    rows with `start_s` and `end_s` of what they are about. absent: why a table
    has no rows to score, by name.
    Gives episode_id, truth (part -> file), scores (table -> measures) and not_scored (table ->
    reason). Shares are 0 to 1, times in seconds.
    """
    scores: dict[str, Score] = {}
    not_scored: dict[str, str] = {}
    for name, (part, formats) in SCORED.items():
        known = getattr(truth, part)
        if known is None:
            not_scored[name] = f"no truth file: {formats}"
        elif name not in tables:
            not_scored[name] = (absent or {}).get(name) or f"no table `{name}` yet"
        else:
            try:
                scores[name] = _SCORERS[name](known, tables, truth.scored)
            except Unusable as problem:
                not_scored[name] = str(problem)
    return {
        "episode_id": episode_id,
        "truth": dict(truth.files),
        "scores": scores,
        "not_scored": not_scored,
    }


def score_home(home: Home, folder: Path) -> Score:
    """The scores of all episodes of a home that `folder` holds truth for, ready for JSON.

    Gives episodes (as `score_episode` gives them), all (table -> pooled measures) and
    without_truth (episode ids). Raises `BadInput` if a truth file cannot be read, or if there is
    truth for no episode.
    """
    results, without_truth = [], []
    for episode_id, registration in registrations(home).items():
        language = _language(home, episode_id)
        truth = find_truth(folder, episode_id, registration.master.name, language)
        if truth.files:
            results.append(score_episode(episode_id, truth, *_tables(home, episode_id)))
        else:
            without_truth.append(episode_id)
    if not results:
        raise BadInput(
            f"no truth file for any of {len(without_truth)} episodes",
            where=folder.name,
            remedy="Name truth files after the master or the episode id.",
        )
    return {"episodes": results, "all": pool(results), "without_truth": without_truth}


def _language(home: Home, episode_id: str) -> str | None:
    path = home.table("masters", episode_id)
    languages: list[str | None] = read_table(path)["language"].to_list() if path.exists() else []
    return next(iter(languages), None)


def _tables(home: Home, episode_id: str) -> tuple[dict[str, pl.DataFrame], dict[str, str]]:
    """The tables of an episode that can be scored, and why others have nothing to score."""
    tables, absent = {}, {}
    for name in SCORED:
        path = home.table(name, episode_id)
        footer = read_footer(path)
        if footer is None:
            continue
        if footer.status == "ok":
            tables[name] = read_table(path)
        else:
            absent[name] = footer.reason
    if "subtitles" in tables and tables["subtitles"].is_empty():
        del tables["subtitles"]
        absent["subtitles"] = "the master has no subtitles"
    if "clips" in tables:
        quality = home.table("clip_quality", episode_id)
        if quality.exists():
            kept = read_table(quality).filter("kept")
            tables["clips"] = tables["clips"].join(kept, on="clip_id", how="semi")
        else:
            del tables["clips"]
            absent["clips"] = "no table `clip_quality` yet"
    if "attribution" in tables:
        spans = [
            tables[name].select(
                pl.lit(level).alias("level"), pl.col(key).alias("id"), "start_s", "end_s"
            )
            for level, name, key in ATTRIBUTED
            if name in tables
        ]
        timed = pl.concat([pl.DataFrame(schema=SPANS), *spans])
        tables["attribution"] = tables["attribution"].join(timed, on=["level", "id"])
    if "stems" in tables:
        root = pl.lit(f"{home.root.as_posix()}/")
        tables["stems"] = tables["stems"].with_columns(path=root + pl.col("path"))
    return tables, absent


def pool(results: Iterable[Score]) -> dict[str, Score]:
    """Scores over all episodes (table -> measures) of what adds up: not of words and stems."""
    pooled: dict[str, Score] = {}
    by_table: dict[str, list[Score]] = {}
    for result in results:
        for name, score in result["scores"].items():
            by_table.setdefault(name, []).append(score)
    for name, scores in by_table.items():
        if name == "diarization":
            pooled[name] = pool_turns(_again(TurnScore, score) for score in scores).as_dict()
            baseline = pool_turns(_again(TurnScore, score["one_speaker"]) for score in scores)
            pooled[name]["one_speaker"] = baseline.as_dict()
        elif name == "attribution":
            pooled[name] = pool_attribution(scores)
        elif name in ("segments", "subtitles"):
            pooled[name] = pool_text(_again(TextScore, score) for score in scores).as_dict()
        elif name in ("shots", "clips"):
            pooled[name] = (pool_shots if name == "shots" else pool_clips)(scores)
    return pooled


def format_report(scores: Score) -> str:
    """What `score_home` gives as a Markdown table: a row per episode and table, then the pooled.

    Tables without a score share a row per reason.
    """
    rows = [("episode", "table", "score", "truth"), ("---",) * 4]
    for result in scores["episodes"]:
        for name, score in result["scores"].items():
            rows.append(
                (result["episode_id"], name, _SAID[name](score), result["truth"][SCORED[name][0]])
            )
        by_reason: dict[str, list[str]] = {}
        for name, reason in result["not_scored"].items():
            by_reason.setdefault(reason, []).append(name)
        for reason, names in by_reason.items():
            rows.append((result["episode_id"], ", ".join(names), f"not scored: {reason}", ""))
    if len(scores["episodes"]) > 1:
        rows += [("all", name, _SAID[name](score), "") for name, score in scores["all"].items()]
    if scores["without_truth"]:
        rows.append((", ".join(scores["without_truth"]), "", "no truth file", ""))
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows) + "\n"


def _score_diarization(truth: pl.DataFrame, tables: Tables, scored: Regions) -> Score:
    """The standard set of turns, overlap included, beside the same speech given to one speaker."""
    found = tables["diarization"].filter(~pl.col("exclusive"))
    baseline = score_turns(truth, as_one_speaker(found), scored)
    return score_turns(truth, found, scored).as_dict() | {"one_speaker": baseline.as_dict()}


def _score_attribution(truth: pl.DataFrame, tables: Tables, scored: Regions) -> Score:
    found = tables["diarization"].filter(~pl.col("exclusive"))
    return score_attribution(truth, found, _within(tables["attribution"], scored))


def _score_words(truth: pl.DataFrame, tables: Tables, scored: Regions) -> Score:
    """Says the methods too: recognised words are not placed as aligned ones are."""
    table = tables["words"]
    measures = score_words(_within(truth, scored), _within(table, scored))
    return measures | {"methods": _kinds(table, "method")}


def _score_text(truth: pl.DataFrame, table: pl.DataFrame, scored: Regions) -> Score:
    """Says the sources too: text from a subtitle file that is the truth itself proves nothing."""
    texts = (_within(each, scored).sort("start_s", "end_s") for each in (truth, table))
    score = score_text(*(" ".join(each["text"]) for each in texts))
    return score.as_dict() | {"sources": _kinds(table, "source")}


def _score_stems(truth: dict[str, Path], table: pl.DataFrame) -> Score:
    """Says the separator too."""
    if not all(Path(path).is_file() for path in table["path"]):
        raise BadInput("its files are gone", where="stems", remedy="Remove the table; run again.")
    return score_stems(truth, table) | {"separators": _kinds(table, "separator")}


def _kinds(table: pl.DataFrame, column: str) -> list[str]:
    return table[column].drop_nulls().unique().sort().to_list()


def _within(table: pl.DataFrame, regions: Regions) -> pl.DataFrame:
    """The rows whose middle lies in a region."""
    if regions is None:
        return table
    middle = (pl.col("start_s") + pl.col("end_s")) / 2
    spans = regions.select("start_s", "end_s").rows()
    inside = [middle.is_between(start, end, closed="left") for start, end in spans]
    return table.filter(pl.any_horizontal(inside)) if inside else table.clear()


_SCORERS: dict[str, Callable[[Any, Tables, Regions], Score]] = {
    "shots": lambda cuts, tables, _: score_shots(cuts, tables["shots"]),
    "clips": lambda cuts, tables, _: score_clips(cuts, tables["clips"]),
    "diarization": _score_diarization,
    "attribution": _score_attribution,
    "words": _score_words,
    "segments": lambda text, tables, scored: _score_text(text, tables["segments"], scored),
    "subtitles": lambda text, tables, scored: _score_text(
        text, tables["subtitles"].filter("spoken"), scored
    ),
    "stems": lambda files, tables, _: _score_stems(files, tables["stems"]),
}


def _say_shots(score: Score) -> str:
    exact, near, gradual = score["cuts"], score["cuts_within_1_frame"], score["gradual"]
    said = f"cuts F1 {_percent(exact['f1'])} ({_found(exact)}), "
    said += f"{_percent(near['f1'])} within 1 frame"
    if gradual["hits"] + gradual["false"] + gradual["missed"]:
        said += f"; gradual F1 {_percent(gradual['f1'])} ({_found(gradual)})"
    return said


def _found(counts: Score) -> str:
    return f"{counts['hits']} of {counts['hits'] + counts['missed']}, {counts['false']} false"


def _say_clips(score: Score) -> str:
    return f"{score['contaminated']} of {score['clips']} kept clips hold a labelled transition"


def _say_turns(score: Score) -> str:
    if score["der"] is None:
        return f"nobody speaks in the truth; {score['false_alarm_s']:.1f} s of speech found"
    return (
        f"DER {_percent(score['der'])} (missed {_percent(score['missed'])}, false alarm "
        f"{_percent(score['false_alarm'])}, confusion {_percent(score['confusion'])}), "
        f"JER {_percent(score['jer'])}; speakers {score['found_speakers']}, truth "
        f"{score['speakers']}; all as one speaker: DER {_percent(score['one_speaker']['der'])}"
    )


def _say_attribution(score: Score) -> str:
    said = (
        f"{level}s: {_percent(counts['accuracy'])} of {counts['assigned']} right, "
        f"{_percent(counts['coverage'])} of {counts['items'] - counts['silent']} assigned"
        for level, counts in score.items()
    )
    return "; ".join(said) or "nothing to attribute"


def _say_words(score: Score) -> str:
    if score["mean_s"] is None:
        return f"no word matched of {score['unmatched']}"
    return (
        f"boundary error mean {score['mean_s'] * 1000:.0f} ms, p95 {score['p95_s'] * 1000:.0f} ms, "
        f"{_percent(score['within_100_ms'])} within 100 ms; at 200 ms precision "
        f"{_percent(score['precision'])}, recall {_percent(score['recall'])}; "
        f"{score['matched']} of {score['matched'] + score['unmatched']} words matched"
    )


def _say_text(score: Score) -> str:
    if score["wer"] is None:
        return f"no words in the truth; {score['insertions']} found"
    said = f"WER {_percent(score['wer'])}, CER {_percent(score['cer'])}, {score['words']} words"
    return f"{said}; from {', '.join(score['sources'])}" if score.get("sources") else said


def _say_stems(score: Score) -> str:
    said = [
        f"{stem} SI-SDR {score[f'{stem}_si_sdr_db']:.1f} dB "
        f"(of the mix {score[f'{stem}_mix_si_sdr_db']:.1f} dB)"
        for stem in ("voice", "background")
        if score[f"{stem}_si_sdr_db"] is not None
    ]
    return f"{'; '.join(said) or 'silence only'}; by {', '.join(score['separators'])}"


_SAID: dict[str, Callable[[Score], str]] = {
    "shots": _say_shots,
    "clips": _say_clips,
    "diarization": _say_turns,
    "attribution": _say_attribution,
    "words": _say_words,
    "segments": _say_text,
    "subtitles": _say_text,
    "stems": _say_stems,
}


def _again(kind: type[Any], score: Score) -> Any:
    """The score object whose sums a dictionary holds."""
    return kind(**{each.name: score[each.name] for each in fields(kind)})


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
