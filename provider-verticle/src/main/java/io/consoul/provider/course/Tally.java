package io.consoul.provider.course;

import io.consoul.message.Usage;
import io.consoul.provider.Prices;
import io.consoul.provider.Target;
import java.util.ArrayList;
import java.util.List;

/** Who has said how much of an answer, and what that costs. */
public final class Tally {

  private static final class Part {
    private final Target target;
    private int length;

    private Part(Target target) {
      this.target = target;
    }
  }

  private final List<Part> parts = new ArrayList<>();
  private Target last;

  /** @param first who answers if nobody else has to */
  public Tally(Target first) {
    this.last = first;
  }

  /** From now on this one speaks. */
  void speaks(Target target) {
    last = target;
  }

  void said(int length) {
    Part part = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    if (part == null || !part.target.equals(last)) {
      part = new Part(last);
      parts.add(part);
    }
    part.length += length;
  }

  /** Of what was said, in UTF-16 code units. */
  long length() {
    return parts.stream().mapToLong(part -> part.length).sum();
  }

  /** Who has spoken last: the one whose answer it is. */
  public Target speaker() {
    return parts.isEmpty() ? last : parts.get(parts.size() - 1).target;
  }

  /** The same tokens with their price: the prompt at the last speaker's, and of the answer to each its part. */
  public Usage price(Usage usage) {
    Prices prices = speaker().info().prices();
    if (parts.size() < 2) {
      return prices.of(usage);
    }
    long length = length();
    double output = 0;
    for (Part part : parts) {
      output += part.target.info().prices().output() * part.length / length;
    }
    return new Prices(prices.input(), prices.cachedInput(), output).of(usage);
  }
}
