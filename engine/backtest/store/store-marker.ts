// The file that makes a folder a store of day files. Read by store-folder.ts, and by the start of
// the reading thread, which must load nothing of size. Always: store-folder.ts says what is in it.

export const STORE_MARKER = 'pankou-store.json';
