package io.consoul.launcher;

import io.consoul.config.Rule;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What each key of the configuration is for: the sentences of settings.json, by file and key. A {@code *} stands for
 * the beginning of a key, or for every file.
 */
final class Meanings {

  static final Path SOURCE = Path.of("src/test/resources/settings.json");

  /** @param key as it stands in settings.json */
  record Meaning(String key, String sentence) {

    private boolean fits(String key) {
      return this.key.startsWith("*") ? isEnd(this.key.substring(1), key) : key.equals(this.key);
    }

    /** Of whole names: {@code *.models} is not for {@code openai.submodels}. */
    private static boolean isEnd(String end, String key) {
      return key.endsWith("." + end) || key.equals(end) || end.startsWith(".") && key.endsWith(end);
    }
  }

  private final Map<String, List<Meaning>> byFile = new LinkedHashMap<>();
  private final Map<String, Optional<Meaning>> byKey = new HashMap<>();

  static Meanings read() throws IOException {
    Meanings meanings = new Meanings();
    for (Map.Entry<String, Object> file : new JsonObject(Files.readString(SOURCE))) {
      List<Meaning> list = new ArrayList<>();
      ((JsonObject) file.getValue())
          .forEach(
              entry -> list.add(new Meaning(entry.getKey(), entry.getValue().toString())));
      meanings.byFile.put(file.getKey(), list);
    }
    return meanings;
  }

  /** The sentence that is for this key alone, else the longest one with a star. */
  Optional<Meaning> of(Rule rule) {
    return byKey.computeIfAbsent(rule.file() + rule.key(), name -> find(rule));
  }

  private Optional<Meaning> find(Rule rule) {
    List<Meaning> fitting = Stream.of(rule.file(), "*")
        .flatMap(file -> byFile.getOrDefault(file, List.of()).stream())
        .filter(meaning -> meaning.fits(rule.key()))
        .toList();
    return fitting.stream()
        .filter(meaning -> meaning.key().equals(rule.key()))
        .findFirst()
        .or(() ->
            fitting.stream().max(Comparator.comparing(meaning -> meaning.key().length())));
  }

  /** Sentences that no key has. */
  List<String> left(List<Rule> rules) {
    List<Meaning> used = rules.stream().flatMap(rule -> of(rule).stream()).toList();
    return byFile.values().stream()
        .flatMap(List::stream)
        .filter(meaning -> !used.contains(meaning))
        .map(Meaning::key)
        .toList();
  }
}
