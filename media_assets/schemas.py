"""The one registry of table schemas: every table of the house by name."""

from media_assets.captions.schema import TABLES as CAPTIONS
from media_assets.exports.schema import TABLES as EXPORTS
from media_assets.ingest.schema import TABLES as INGEST
from media_assets.knowledge.schema import TABLES as KNOWLEDGE
from media_assets.shots.schema import TABLES as SHOTS
from media_assets.speech.schema import TABLES as SPEECH
from media_assets.superres.schema import TABLES as SUPERRES
from resources.tables import TableSchema

TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (*INGEST, *KNOWLEDGE, *SHOTS, *SPEECH, *CAPTIONS, *EXPORTS, *SUPERRES)
}
