"""IO managers: Parquet tables, tensors and files, each written whole or not at all.

Built on `UPathIOManager`, with its gaps closed: writes are atomic, a run may hold several
partitions (a value per partition), a fan-in is a dict even over one episode, and a partition key
can not climb out of its folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_origin

import dagster as dg
import polars as pl
from upath import UPath

from resources.home import ALL, Home
from resources.problems import Unusable
from resources.tables import (
    Footer,
    TableSchema,
    atomic_write,
    digest,
    read_table,
    version_of,
    write_table,
)


@dataclass(frozen=True)
class Made:
    """A table that was just made, with what its footer is to say."""

    frame: pl.DataFrame
    footer: Footer

    @classmethod
    def of(
        cls, schema: TableSchema, frame: pl.DataFrame, key: str, made_from: dict[str, Any]
    ) -> "Made":
        """The table, its schema checked; raises `SchemaError`."""
        frame = schema.validate(frame)
        version = version_of(frame)
        return cls(frame, Footer(schema.name, key, version, frame.height, made_from=made_from))

    @classmethod
    def nothing(
        cls, schema: TableSchema, problem: Unusable, key: str, made_from: dict[str, Any]
    ) -> "Made":
        """The empty table of an input that is bad or does not apply, with the reason."""
        status, reason = problem.status, str(problem)
        version = digest([status, reason])
        return cls(schema.empty(), Footer(schema.name, key, version, 0, status, reason, made_from))


class _Reused:
    """Stands for an output that lies on disk already."""

    def __repr__(self) -> str:
        return "reused"


REUSED = _Reused()


class PartitionedIOManager(dg.UPathIOManager):
    """Reads and writes one file per partition; an unpartitioned asset has the one partition `ALL`.

    A partitioned output's value is either a mapping of partition keys to values or, in a run of
    one partition, the value itself. An input annotated as a dict is a dict.
    """

    def __init__(self, base: Path):
        super().__init__(base_path=UPath(base))

    def make_safe_partition_path(self, base_path: UPath, partition: str) -> UPath:
        if "/" in partition or partition in (".", ".."):
            raise ValueError(f"partition key {partition!r} is no path segment")
        return base_path / partition

    def _paths(self, context: dg.InputContext | dg.OutputContext) -> dict[str, UPath]:
        folder = self._get_path_without_extension(context)
        keys = context.asset_partition_keys if context.has_asset_partitions else [ALL]
        return {
            key: self._with_extension(self.make_safe_partition_path(folder, key)) for key in keys
        }

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        paths = self._paths(context)
        if not (isinstance(obj, Mapping) and set(obj) == set(paths)):
            if len(paths) != 1:
                raise ValueError(
                    f"{context.asset_key.to_user_string()}: one value for each of {sorted(paths)} "
                    f"expected"
                )
            obj = dict.fromkeys(paths, obj)
        for key, value in obj.items():
            if value is not REUSED:
                self.dump_to_path(context, value, paths[key])

    def load_input(self, context: dg.InputContext) -> Any:
        paths = self._paths(context)
        lenient = (context.definition_metadata or {}).get("allow_missing_partitions", False)
        values = {}
        for key, path in paths.items():
            try:
                values[key] = self.load_from_path(context, path)
            except FileNotFoundError:
                if not lenient:
                    raise FileNotFoundError(
                        f"{context.asset_key.to_user_string()} of {key} has not been made yet"
                    ) from None
        annotation = context.dagster_type.typing_type
        if len(paths) == 1 and get_origin(annotation) is not dict and annotation is not dict:
            return next(iter(values.values()), None)
        return values


class TableIOManager(PartitionedIOManager):
    """`Made` tables, whose schema has been checked, as Parquet with a footer."""

    extension = ".parquet"

    def dump_to_path(self, context: dg.OutputContext, obj: Made, path: UPath) -> None:
        write_table(Path(str(path)), obj.frame, obj.footer)

    def load_from_path(self, context: dg.InputContext, path: UPath) -> pl.DataFrame:
        return read_table(Path(str(path)))


class TensorIOManager(PartitionedIOManager):
    """Named arrays (`dict[str, np.ndarray]`) as `.safetensors`; no pickle is read or written."""

    extension = ".safetensors"

    def dump_to_path(self, context: dg.OutputContext, obj: Mapping[str, Any], path: UPath) -> None:
        from safetensors.numpy import save

        data = save(dict(obj))
        atomic_write(Path(str(path)), lambda file: file.write(data))

    def load_from_path(self, context: dg.InputContext, path: UPath) -> dict[str, Any]:
        from safetensors.numpy import load

        arrays: dict[str, Any] = load(Path(str(path)).read_bytes())
        return arrays


class FileIOManager(PartitionedIOManager):
    """Files as they are: a value of bytes, or the path of a finished file, which is moved in.

    The asset names its suffix in its metadata (`{"suffix": ".wav"}`). An input is the file's path.
    """

    def _paths(self, context: dg.InputContext | dg.OutputContext) -> dict[str, UPath]:
        made_by = context.upstream_output if isinstance(context, dg.InputContext) else context
        suffix = ((made_by.definition_metadata if made_by else None) or {}).get("suffix", "")
        return {
            key: path.with_name(path.name + suffix) for key, path in super()._paths(context).items()
        }

    def dump_to_path(self, context: dg.OutputContext, obj: bytes | Path, path: UPath) -> None:
        target = Path(str(path))
        if isinstance(obj, Path):
            target.parent.mkdir(parents=True, exist_ok=True)
            obj.replace(target)
        else:
            atomic_write(target, lambda file: file.write(obj))

    def load_from_path(self, context: dg.InputContext, path: UPath) -> Path:
        found = Path(str(path))
        if not found.exists():
            raise FileNotFoundError(found.name)
        return found


def io_managers(home: Home) -> dict[str, dg.IOManager]:
    """The IO managers by resource key."""
    return {
        "tables": TableIOManager(home.tables),
        "tensors": TensorIOManager(home.files / "tensors"),
        "files": FileIOManager(home.files),
    }
