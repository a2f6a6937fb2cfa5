"""All benchmarks, one after the other: `python -m benchmarks [--media DIR]`."""

from benchmarks import (
    alignment,
    attribution,
    emotion,
    pipeline,
    shots,
    speech_room,
    stems,
    turns,
    voices,
)

SECTIONS = (shots, pipeline, stems, turns, alignment, attribution, emotion, voices, speech_room)

if __name__ == "__main__":
    for section in SECTIONS:
        print(f"\n## {section.__name__.removeprefix('benchmarks.')}\n", flush=True)
        section.main()
