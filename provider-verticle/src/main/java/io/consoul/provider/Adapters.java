package io.consoul.provider;

import io.consoul.node.Node;
import io.consoul.provider.anthropic.AnthropicFormat;
import io.consoul.provider.call.HttpAdapter;
import io.consoul.provider.echo.EchoAdapter;
import io.consoul.provider.gemini.GeminiFormat;
import io.consoul.provider.ollama.OllamaFormat;
import io.consoul.provider.openai.OpenAiFormat;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The adapters of one verticle instance: those of the configuration in force, and of those before it the ones that a turn in
 * progress may still ask. Confined to the instance's event loop.
 */
final class Adapters {

  /** An adapter, what it was made from, and how many turns may ask it. */
  private static final class Engaged {

    private final Upstream upstream;
    private final Duration echoDelay;
    private final ProviderAdapter adapter;
    private int turns;
    private boolean dismissed;

    private Engaged(Upstream upstream, Duration echoDelay, ProviderAdapter adapter) {
      this.upstream = upstream;
      this.echoDelay = echoDelay;
      this.adapter = adapter;
    }

    private boolean fits(Upstream wanted, Duration delay) {
      return upstream.equals(wanted)
          && (upstream.dialect() != Upstream.Dialect.ECHO || echoDelay.equals(delay));
    }
  }

  private final Vertx vertx;
  private final Node node;
  private final Watchdog watchdog;
  private final TokenCount tokens;
  private final Set<Engaged> dismissed = new HashSet<>();
  private Map<String, Engaged> current = Map.of();

  Adapters(Vertx vertx, Node node, Watchdog watchdog, TokenCount tokens) {
    this.vertx = vertx;
    this.node = node;
    this.watchdog = watchdog;
    this.tokens = tokens;
  }

  /**
   * From now on new turns have those of this configuration. One whose provider has not changed stays; another is closed when the
   * last turn that may ask it is over.
   *
   * @return by the name of their provider
   */
  Map<String, ProviderAdapter> change(ProviderConfig config) {
    Map<String, Engaged> before = current;
    Map<String, Engaged> now = new HashMap<>();
    try {
      for (Upstream upstream : config.upstreams()) {
        now.put(upstream.name(), engaged(upstream, config.echoDelay(), before));
      }
    } catch (RuntimeException defect) { // it is tried again, and would leave more behind each time
      now.values().stream()
          .filter(each -> !before.containsValue(each))
          .forEach(each -> each.adapter.close());
      throw defect;
    }
    current = now;
    before.values().stream().filter(each -> !now.containsValue(each)).forEach(this::dismiss);
    Map<String, ProviderAdapter> adapters = new HashMap<>();
    now.forEach((name, engaged) -> adapters.put(name, engaged.adapter));
    return adapters;
  }

  private Engaged engaged(Upstream upstream, Duration echoDelay, Map<String, Engaged> before) {
    Engaged known = before.get(upstream.name());
    return known != null && known.fits(upstream, echoDelay)
        ? known
        : new Engaged(upstream, echoDelay, adapter(upstream, echoDelay));
  }

  /**
   * A turn begins that may ask these.
   *
   * @return to be run once, when it has ended
   */
  Runnable engage(Route route) {
    List<Engaged> asked = route.steps().stream()
        .map(step -> current.get(step.target().upstream().name()))
        .distinct()
        .toList();
    asked.forEach(each -> each.turns++);
    return () -> asked.forEach(this::release);
  }

  Future<?> close() {
    List<Engaged> all = new ArrayList<>(current.values());
    all.addAll(dismissed);
    current = Map.of();
    dismissed.clear();
    return Future.join(all.stream().map(each -> each.adapter.close()).toList());
  }

  private void dismiss(Engaged engaged) {
    engaged.dismissed = true;
    dismissed.add(engaged);
    closeIfIdle(engaged);
  }

  private void release(Engaged engaged) {
    engaged.turns--;
    closeIfIdle(engaged);
  }

  private void closeIfIdle(Engaged engaged) {
    if (engaged.dismissed && engaged.turns == 0 && dismissed.remove(engaged)) {
      engaged.adapter.close();
    }
  }

  private ProviderAdapter adapter(Upstream upstream, Duration echoDelay) {
    return switch (upstream.dialect()) {
      case OPENAI -> calling(upstream, new OpenAiFormat(upstream.baseUrl().isOpenAi()));
      case ANTHROPIC -> calling(upstream, new AnthropicFormat());
      case GEMINI -> calling(upstream, new GeminiFormat());
      case OLLAMA -> calling(upstream, new OllamaFormat());
      case ECHO -> new EchoAdapter(vertx, echoDelay, tokens);
    };
  }

  private ProviderAdapter calling(Upstream upstream, WireFormat format) {
    return new HttpAdapter(vertx, upstream, format, watchdog, node);
  }
}
