export { useTopicQueries, type TopicQueries } from "./useTopicQueries.js";
export { addOnce, patchInfinite, patchList, removeById, upsertById, type Page, type Pages } from "./lists.js";
