"""What a second terminal shows of the work on patches; it reads tables and journals, no more."""
