"""One adapter per model, each behind an interface of `interfaces.py`; heavy imports inside."""
