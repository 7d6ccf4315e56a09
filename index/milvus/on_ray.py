"""The shards of a build, one a task of a Ray cluster, with Ray's own progress bars.

Every machine of the cluster needs this program (`pip install 'wenda[milvus,ray]'`), the folder of documents under the
same path, and a way to the Milvus server. What is secret goes with the address, in Ray's messages;
nothing prints it.
"""

from typing import Any

from ..errors import SettingsError
from ..types import BuildProgress, BuildReport
from .build import MilvusBuild, build_shard, finish_shards
from .shards import Shard


def build_on_ray(build: MilvusBuild, n_shards: int, cluster: str = "") -> BuildReport:
    """Builds all shards on a cluster (its address; empty: this machine's processors), and publishes them.

    Raises SettingsError where Ray is not installed or the cluster does not answer, and as `build_on_milvus` does.
    """
    try:
        import ray
    except ImportError as error:
        text = f"Building on a cluster needs Ray: pip install 'wenda[ray]' ({error})"
        raise SettingsError(text) from error
    own_cluster = not ray.is_initialized()
    if own_cluster:
        try:
            ray.init(address=cluster or None, include_dashboard=False, log_to_driver=True, configure_logging=False)
        except Exception as error:  # whatever a cluster that is not there makes it raise
            raise SettingsError(f"The Ray cluster {cluster or 'of this machine'} cannot be used: {error}") from error
    try:
        task = ray.remote(max_retries=2)(_build_one)  # a machine that is lost: what it wrote is there, the rest is done
        running = [task.remote(build, Shard(number, n_shards)) for number in range(1, n_shards + 1)]
        try:
            ray.get(running)
        except ray.exceptions.RayTaskError as error:
            raise getattr(error, "cause", None) or error from error
        return finish_shards(build, n_shards)
    finally:
        if own_cluster:
            ray.shutdown()


def _build_one(build: MilvusBuild, shard: Shard) -> BuildReport:
    """Runs in a worker of the cluster."""
    from ray.experimental import tqdm_ray

    bar: Any = tqdm_ray.tqdm(desc=f"shard {shard.number}/{shard.of}", total=0)

    def show(step: BuildProgress) -> None:
        bar.total = max(step.n_total, step.n_documents)
        bar.update(1)

    try:
        return build_shard(build, shard, show)
    finally:
        bar.close()
