package io.consoul.message;

import java.util.Arrays;

/**
 * Byte pair encoding of one piece of a text: of all neighbours that make a token together the pair of the lowest rank is
 * joined, the leftmost of equal ones, until no two are left that do. Takes n log n steps, for a piece may be a whole message
 * without a space.
 */
final class BytePairs {

  private final Vocabulary vocabulary;
  private final byte[] piece;

  // By the position where a part begins: its end, the part before it, and the rank of it and the
  // next one together.
  private final int[] ends;
  private final int[] befores;
  private final int[] ranks;

  /** A binary heap of rank and position; those whose rank at that position has changed since are passed over. */
  private long[] heap;

  private int heaped;

  private BytePairs(Vocabulary vocabulary, byte[] piece) {
    this.vocabulary = vocabulary;
    this.piece = piece;
    this.ends = new int[piece.length];
    this.befores = new int[piece.length];
    this.ranks = new int[piece.length];
    this.heap = new long[piece.length];
  }

  /** How many tokens it is. */
  static int count(Vocabulary vocabulary, byte[] piece) {
    if (vocabulary.rank(piece, 0, piece.length) != Vocabulary.NONE) {
      return 1;
    }
    return new BytePairs(vocabulary, piece).join();
  }

  private int join() {
    for (int i = 0; i < piece.length; i++) {
      ends[i] = i + 1;
      befores[i] = i - 1;
    }
    for (int i = 0; i < piece.length; i++) {
      weigh(i);
    }
    int parts = piece.length;
    while (heaped > 0) {
      long lowest = take();
      int at = (int) lowest;
      if (ranks[at] == lowest >>> 32) {
        int next = ends[at];
        ends[at] = ends[next];
        ranks[next] = Vocabulary.NONE;
        if (ends[at] < piece.length) {
          befores[ends[at]] = at;
        }
        parts--;
        weigh(at);
        if (at > 0) {
          weigh(befores[at]);
        }
      }
    }
    return parts;
  }

  private void weigh(int at) {
    int next = ends[at];
    ranks[at] = next == piece.length ? Vocabulary.NONE : vocabulary.rank(piece, at, ends[next]);
    if (ranks[at] != Vocabulary.NONE) {
      put((long) ranks[at] << 32 | at);
    }
  }

  private void put(long entry) {
    if (heaped == heap.length) {
      heap = Arrays.copyOf(heap, heaped * 2);
    }
    int place = heaped++;
    while (place > 0 && entry < heap[(place - 1) / 2]) {
      heap[place] = heap[(place - 1) / 2];
      place = (place - 1) / 2;
    }
    heap[place] = entry;
  }

  private long take() {
    long lowest = heap[0];
    long last = heap[--heaped];
    int place = 0;
    for (int child = 1; child < heaped; child = 2 * place + 1) {
      if (child + 1 < heaped && heap[child + 1] < heap[child]) {
        child++;
      }
      if (last <= heap[child]) {
        break;
      }
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return lowest;
  }
}
