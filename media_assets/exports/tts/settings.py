"""What may be chosen of the set for training voices."""

from dataclasses import dataclass

RATES_HZ = (16_000, 22_050, 24_000)
FORMATS = ("ljspeech", "parquet", "gpt_sovits", "lhotse", "nemo")


@dataclass(frozen=True)
class TtsExport:
    """rate_hz: of the sound in all formats. Shares: 002, section 9. seed: of the splits."""

    rate_hz: int = 24_000
    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1
    seed: int = 0
    formats: tuple[str, ...] = FORMATS

    def __post_init__(self) -> None:
        if self.rate_hz not in RATES_HZ:
            raise ValueError(f"rate_hz {self.rate_hz} is none of {RATES_HZ}")
        if unknown := sorted(set(self.formats) - set(FORMATS)):
            raise ValueError(f"formats {unknown} are none of {FORMATS}")
        if abs(self.train + self.validation + self.test - 1) > 1e-9:
            raise ValueError("train, validation and test must add up to 1")
