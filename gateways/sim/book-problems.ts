// What went wrong in the simulated exchange's book without stopping anything, as lines for people.
// Called at the end of a run.
import type { BookBuilder } from '../../engine/core/book-builder.ts';

export function bookProblems(books: BookBuilder): readonly string[] {
  const lines: string[] = [];
  if (books.unknownOrders > 0) {
    lines.push(`${books.unknownOrders} cancels or trades of orders the book does not hold`);
  }
  if (books.outOfWindow > 0) lines.push(`${books.outOfWindow} orders outside the price window`);
  if (books.refused > 0) {
    const { lastOrderNo: order, lastRefusal: code } = books;
    lines.push(`${books.refused} events refused by the book, last order ${order} code ${code}`);
  }
  return lines;
}
