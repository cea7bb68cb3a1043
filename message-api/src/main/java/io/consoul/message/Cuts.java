package io.consoul.message;

import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the attempts at one answer part: the n-th offset is how much of the text the n-th new attempt kept when it went on in
 * place of one whose provider was gone. Whoever holds text of an attempt before that keeps so much of it and no more. An answer
 * that one provider gave from its beginning to its end has none.
 *
 * @param offsets in UTF-16 code units, the oldest first; one may lie before those that came earlier
 */
public record Cuts(List<Integer> offsets) {

  public static final Cuts NONE = new Cuts(List.of());

  public Cuts {
    offsets = List.copyOf(offsets);
  }

  /** How many there are; a receiver remembers it as what it has seen. */
  public int count() {
    return offsets.size();
  }

  public boolean isEmpty() {
    return offsets.isEmpty();
  }

  /** The same and one more. */
  public Cuts and(int offset) {
    List<Integer> more = new ArrayList<>(offsets);
    more.add(offset);
    return new Cuts(more);
  }

  /**
   * How much of a text still holds.
   *
   * @param length of the text
   * @param seen number of cuts that it was received after; more than there are count as all
   */
  public int kept(int length, int seen) {
    int kept = length;
    for (int i = Math.max(seen, 0); i < offsets.size(); i++) {
      kept = Math.min(kept, offsets.get(i));
    }
    return kept;
  }

  public JsonArray toJson() {
    return new JsonArray(offsets);
  }

  /** @param json null for none */
  public static Cuts fromJson(JsonArray json) {
    if (json == null || json.isEmpty()) {
      return NONE;
    }
    List<Integer> offsets = new ArrayList<>(json.size());
    for (int i = 0; i < json.size(); i++) {
      offsets.add(json.getInteger(i));
    }
    return new Cuts(offsets);
  }
}
