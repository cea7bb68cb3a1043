package io.consoul.gateway.observe;

import io.consoul.message.ModelList;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which models are configured, so that only their names become labels. It asks the providers for them now and then, behind the
 * requests: none waits for the answer. Confined to one event loop.
 */
public final class KnownModels {

  /** The label where there is no model. */
  public static final String NONE = "unknown";

  /** The label of all that are not configured. */
  public static final String OTHER = "other";

  private static final Duration FRESH = Duration.ofSeconds(10);

  private final InstantSource clock;
  private final Supplier<Future<ModelList>> providers;
  private Map<String, String> labels = Map.of();
  private long staleFrom = Long.MIN_VALUE;

  /** @param providers asks them; fails at once where there is none */
  public KnownModels(InstantSource clock, Supplier<Future<ModelList>> providers) {
    this.clock = clock;
    this.providers = providers;
  }

  /** To be called when a model is about to be asked for: its name is known by the time it has answered. */
  void look() {
    long now = clock.millis();
    if (now < staleFrom) {
      return;
    }
    Future<ModelList> asked = providers.get();
    if (!asked.failed()) {
      staleFrom = now + FRESH.toMillis();
      asked.onSuccess(this::know);
    }
  }

  /** @param name as a request or an answer has it, or null */
  String label(String name) {
    return name == null ? NONE : labels.getOrDefault(name, OTHER);
  }

  /** The name of a model may be said with its provider before it, and is one and the same. */
  private void know(ModelList list) {
    Map<String, String> known = new HashMap<>();
    for (ModelList.Model model : list.models()) {
      String prefix = model.provider() + "/";
      String label =
          model.name().startsWith(prefix) ? model.name().substring(prefix.length()) : model.name();
      known.put(model.name(), label);
      known.put(label, label);
    }
    labels = Map.copyOf(known);
  }
}
