"""All benchmarks, one after the other: `python -m benchmarks [--media DIR]`."""

from benchmarks import pipeline, shots

if __name__ == "__main__":
    shots.main()
    pipeline.main()
