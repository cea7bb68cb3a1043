package io.consoul.acceptance.faults;

import io.consoul.testkit.ProviderKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What was seen of every fault, as a table for the record: how often the provider was asked, how long it took, what came of it. */
final class FaultLog {

  private final Map<String, Row> rows = new TreeMap<>();

  private static final class Row {
    private final Map<ProviderKind, String> attempts = new TreeMap<>();
    private final TreeMap<String, Integer> outcomes = new TreeMap<>();
    private long shortest = Long.MAX_VALUE;
    private long longest;
  }

  synchronized void note(String fault, ProviderKind kind, long attempts, long millis, Ended ended) {
    Row row = rows.computeIfAbsent(fault, first -> new Row());
    row.attempts.merge(kind, String.valueOf(attempts), (all, one) -> all + "/" + one);
    row.shortest = Math.min(row.shortest, millis);
    row.longest = Math.max(row.longest, millis);
    row.outcomes.merge(outcome(ended), 1, Integer::sum);
  }

  private static String outcome(Ended ended) {
    if (ended.isDone()) {
      return ended.rescued() ? "whole, rescued" : "whole";
    }
    return ended.text() == null || ended.text().isEmpty()
        ? ended.code()
        : "interrupted, " + ended.code();
  }

  /** Each cell of attempts holds those over POST /chat, the stream and the WebSocket. */
  synchronized void write(Path file) {
    StringBuilder table = new StringBuilder("| fault | attempts: OpenAI | Anthropic | Gemini |"
        + " Ollama | ms | outcome |\n|---|---|---|---|---|---|---|\n");
    rows.forEach((fault, row) -> {
      table.append("| ").append(fault);
      for (ProviderKind kind : ProviderKind.values()) {
        table.append(" | ").append(row.attempts.getOrDefault(kind, "–"));
      }
      String outcomes = row.outcomes.entrySet().stream()
          .map(outcome -> outcome.getKey() + " ×" + outcome.getValue())
          .collect(Collectors.joining("; "));
      table
          .append(" | " + row.shortest + "–" + row.longest + " | ")
          .append(outcomes)
          .append(" |\n");
    });
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, table);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
