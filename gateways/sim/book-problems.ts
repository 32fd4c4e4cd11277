// What went wrong in the simulated exchange's book without stopping anything, as lines for people.
// Called at the end of a run.
import type { BookBuilder } from '../../engine/core/book-builder.ts';
import { FAULT_NAMES } from '../../engine/messages/codes.ts';

export function bookProblems(books: BookBuilder): readonly string[] {
  const { faults, lastOrderNo } = books;
  const lines: string[] = [];
  for (let fault = 1; fault < faults.length; fault++) {
    if (faults[fault] === 0) continue;
    lines.push(`${faults[fault]} rows the book could not follow: ${FAULT_NAMES[fault]}`);
  }
  if (lines.length > 0) lines.push(`last such order: ${lastOrderNo}`);
  return lines;
}
