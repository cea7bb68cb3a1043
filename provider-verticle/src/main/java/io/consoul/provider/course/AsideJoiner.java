package io.consoul.provider.course;

import io.consoul.message.Aside;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes well-formed asides of those that are cut inside a surrogate pair, each tool call by itself. */
final class AsideJoiner {

  private final PairJoiner thoughts = new PairJoiner();
  private final Map<Integer, PairJoiner> arguments = new HashMap<>();

  /** Nothing while there is only half a character of a thought. */
  Optional<Aside> join(Aside aside) {
    if (aside instanceof Aside.Reasoning reasoning) {
      String text = thoughts.join(reasoning.text());
      return text.isEmpty() ? Optional.empty() : Optional.of(new Aside.Reasoning(text));
    }
    Aside.ToolCall call = (Aside.ToolCall) aside;
    PairJoiner pairs = arguments.computeIfAbsent(call.index(), first -> new PairJoiner());
    return Optional.of(
        new Aside.ToolCall(call.index(), call.id(), call.name(), pairs.join(call.arguments())));
  }
}
