// Laid out first; filled by the commits that follow.
