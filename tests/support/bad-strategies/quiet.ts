// Does nothing at all: for tests in which people and programs outside trade.
import { defineStrategy } from 'pankou';

export default defineStrategy({ params: {}, onInit: () => ({}) });
