package io.consoul.launcher;

import io.consoul.config.ConfigReader;
import io.consoul.message.Kind;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Key {@code verticles} of conf/node.json: the kinds that run in this node. The others run elsewhere in its cluster. */
record VerticleList(Set<Kind> kinds) {

  private static final String KEY = "verticles";
  private static final List<String> ALL =
      Arrays.stream(Kind.values()).map(Kind::wireName).toList();

  /** @param cluster whether the node has others that could run what it leaves out */
  static VerticleList from(ConfigReader json, boolean cluster) {
    List<String> names = json.texts(KEY, "CONSOUL_VERTICLES", ALL);
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (String name : names) {
      Optional<Kind> kind = named(name);
      if (kind.isEmpty()) {
        json.reject(KEY, "holds " + name + ", which is none of " + String.join(", ", ALL));
      } else if (!kinds.add(kind.get())) {
        json.reject(KEY, "names " + kind.get().wireName() + " twice; each once");
      }
    }
    if (names.isEmpty()) {
      json.reject(KEY, "must name at least one of " + String.join(", ", ALL));
    }
    VerticleList list = new VerticleList(kinds);
    boolean understood = kinds.size() == names.size() && !kinds.isEmpty();
    if (understood && !list.isWhole() && !cluster) {
      json.reject(
          KEY,
          "leaves out " + text(EnumSet.complementOf(EnumSet.copyOf(kinds)))
              + ", and without a cluster nobody else runs it: start with --cluster"
              + " (CONSOUL_CLUSTER=true, cluster), or let all four run here");
    }
    return list;
  }

  boolean has(Kind kind) {
    return kinds.contains(kind);
  }

  /** Whether all four kinds run here. */
  boolean isWhole() {
    return kinds.size() == ALL.size();
  }

  @Override
  public String toString() {
    return text(kinds);
  }

  private static String text(Set<Kind> kinds) {
    return kinds.stream().map(Kind::wireName).collect(Collectors.joining(", "));
  }

  private static Optional<Kind> named(String name) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.wireName().equals(name.strip().toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
