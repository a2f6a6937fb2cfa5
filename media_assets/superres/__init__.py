"""Super-resolution patches from masters in UHD and HD: plan, extract, tone map, degrade (004)."""
