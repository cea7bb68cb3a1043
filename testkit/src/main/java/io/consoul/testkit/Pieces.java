package io.consoul.testkit;

import io.consoul.testkit.Piece.Kind;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What can be done with the pieces of an answer before they are played. */
final class Pieces {

  private Pieces() {}

  /** Puts what was said in the place of each echo. */
  static List<Piece> echoed(List<Piece> pieces, String said) {
    return pieces.stream()
        .flatMap(piece -> piece.kind() == Kind.ECHO ? words("You said: " + said) : Stream.of(piece))
        .toList();
  }

  /** Words with the space before them, as models divide text. */
  private static Stream<Piece> words(String text) {
    return Arrays.stream(text.split("(?= )")).map(Piece::text);
  }

  static String text(List<Piece> pieces) {
    return pieces.stream()
        .filter(piece -> piece.kind() == Kind.TEXT)
        .map(Piece::text)
        .collect(Collectors.joining());
  }

  /**
   * What is left to say after this beginning; everything where the answer does not begin so. White space at its end may be
   * missing in the answer, since some APIs refuse it.
   */
  static List<Piece> after(String prefill, List<Piece> pieces) {
    String whole = text(pieces);
    String said = whole.startsWith(prefill) ? prefill : prefill.stripTrailing();
    if (said.isEmpty() || !whole.startsWith(said)) {
      return pieces;
    }
    List<Piece> rest = new ArrayList<>();
    int skipped = said.length();
    for (Piece piece : pieces) {
      if (piece.kind() == Kind.TEXT && skipped > 0) {
        int here = Math.min(skipped, piece.text().length());
        skipped -= here;
        if (here < piece.text().length()) {
          rest.add(piece.withText(piece.text().substring(here)));
        }
      } else if (piece.kind() != Kind.REASONING) {
        rest.add(piece);
      }
    }
    return rest;
  }

  /** The pieces of all tool calls in turn, one of each at a time, behind everything else. */
  static List<Piece> interleaved(List<Piece> pieces) {
    Map<Integer, Deque<Piece>> calls = new TreeMap<>();
    List<Piece> all = new ArrayList<>();
    for (Piece piece : pieces) {
      if (piece.isTool()) {
        calls.computeIfAbsent(piece.index(), first -> new ArrayDeque<>()).add(piece);
      } else {
        all.add(piece);
      }
    }
    while (!calls.isEmpty()) {
      calls.values().forEach(call -> all.add(call.poll()));
      calls.values().removeIf(Deque::isEmpty);
    }
    return all;
  }

  /** Each tool call whole in one piece, for formats that know no fragments of it. */
  static List<Piece> withWholeCalls(List<Piece> pieces) {
    return pieces.stream()
        .filter(piece -> piece.kind() != Kind.TOOL_ARGUMENTS)
        .map(piece -> piece.kind() == Kind.TOOL_CALL
            ? piece.withText(arguments(pieces, piece.index()))
            : piece)
        .toList();
  }

  /** The arguments of one call, put together. */
  static String arguments(List<Piece> pieces, int index) {
    return pieces.stream()
        .filter(piece -> piece.isTool() && piece.index() == index)
        .map(Piece::text)
        .collect(Collectors.joining());
  }

  /** Arguments as an object, as all but OpenAI want them. */
  static JsonObject object(String arguments) {
    return arguments.isBlank() ? new JsonObject() : new JsonObject(arguments);
  }

  static int count(List<Piece> pieces, Kind kind) {
    return (int) pieces.stream().filter(piece -> piece.kind() == kind).count();
  }
}
