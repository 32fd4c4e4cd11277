// Does nothing at all: for tests in which people and programs outside trade. Used by the
// end-to-end tests.
import { defineStrategy } from 'pankou';

export default defineStrategy({ params: {}, onInit: () => ({}) });
