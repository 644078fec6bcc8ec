"""Files in the texts that DuckDB runs."""


def quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def parquet(files: list, by_name: bool = False) -> str:
    """The files' own columns: folders say nothing. By name, what an older file lacks is null."""
    named = ", union_by_name = true" if by_name else ""
    return f"read_parquet([{', '.join(quoted(file) for file in files)}], hive_partitioning = false{named})"
