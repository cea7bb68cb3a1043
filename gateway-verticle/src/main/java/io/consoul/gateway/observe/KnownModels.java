package io.consoul.gateway.observe;

import io.consoul.message.ModelList;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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

  /** While a new configuration is rolled out, provider nodes do not all say the same. */
  private static final Duration KEPT = Duration.ofMinutes(10);

  /** So many labels may wait for the providers' answer, which comes within a few seconds or not at all. */
  private static final int MAX_WAITING = 1_000;

  private final InstantSource clock;
  private final Supplier<Future<ModelList>> providers;
  private Consumer<Set<String>> told = configured -> {};
  private Map<String, String> labels = Map.of();
  private final Map<String, Long> said = new HashMap<>();
  private long staleFrom = Long.MIN_VALUE;
  private Future<ModelList> asking = Future.succeededFuture();
  private int waiting;

  /** @param providers asks them; fails at once where there is none */
  public KnownModels(InstantSource clock, Supplier<Future<ModelList>> providers) {
    this.clock = clock;
    this.providers = providers;
  }

  /** @param listener told whenever the providers have said it: the labels of all models that one of them has said in the last 10 minutes */
  void onKnown(Consumer<Set<String>> listener) {
    told = listener;
  }

  /** To be called when a model is about to be asked for: its name is known by the time it has answered. */
  void look() {
    long now = clock.millis();
    if (now < staleFrom) {
      return;
    }
    asking = providers.get().onSuccess(this::know);
    if (!asking.failed()) {
      staleFrom = now + FRESH.toMillis();
    }
  }

  /**
   * @param name as a request or an answer has it, or null
   * @param told the label: at once, or where the name is new and the providers are being asked, after their answer
   */
  void label(String name, Consumer<String> told) {
    if (asking.isComplete() || name == null || labels.containsKey(name) || waiting >= MAX_WAITING) {
      told.accept(label(name));
      return;
    }
    waiting++;
    asking.onComplete(answered -> {
      waiting--;
      told.accept(label(name));
    });
  }

  private String label(String name) {
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
    long now = clock.millis();
    labels.values().forEach(label -> said.put(label, now));
    said.values().removeIf(last -> last < now - KEPT.toMillis());
    told.accept(Set.copyOf(said.keySet()));
  }
}
