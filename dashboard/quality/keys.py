"""Keys of the Quality page in the session state and in addresses."""

from dashboard.state import TWO_MODELS

VERDICT, TWIN, ATLAS, SUMS = "Verdict", "More than its null", "Species", "Adding vectors"
DIRECTIONS = "Directions"
QUALITY_SECTIONS = (VERDICT, TWIN, DIRECTIONS, TWO_MODELS, ATLAS, SUMS)
TWIN_MAP = "twin_map"
SPECIES = "species"
QUALITY_UPLOAD = "quality_upload"
SHUFFLES = "shuffles"
SEEDS = "seeds"
OVERLAP = "overlap"
PAIR_MAPS = ("pair_map_1", "pair_map_2")
PAIR_FOCUS = "pair_focus"
DIRECTION_KIND = "directions"
CENTRED = "centred"
COMPONENTS = "components"
PRODUCTS = "products"
