"""All benchmarks, one after the other: `python -m benchmarks [--media DIR]`."""

from benchmarks import (
    alignment,
    attribution,
    emotion,
    patch_plan,
    pipeline,
    shots,
    speech_room,
    stems,
    superres,
    tone_map,
    turns,
    voices,
)

SECTIONS = (
    *(shots, pipeline, stems, turns, alignment, attribution, emotion, voices, speech_room),
    *(tone_map, patch_plan, superres),
)

if __name__ == "__main__":
    for section in SECTIONS:
        print(f"\n## {section.__name__.removeprefix('benchmarks.')}\n", flush=True)
        section.main()
