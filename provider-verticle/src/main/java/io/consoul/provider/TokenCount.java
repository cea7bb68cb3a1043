package io.consoul.provider;

import io.consoul.message.ChatMessage;
import io.consoul.message.TokenCounter;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the tokens of a turn where the provider does not tell, without ever holding up the event loop. */
public final class TokenCount {

  private static final Logger log = LoggerFactory.getLogger(TokenCount.class);

  /** Counted on the spot: shorter than the two changes of threads that the way through a worker costs. */
  private static final int SHORT = 4_096;

  private final Vertx vertx;
  private final Future<Void> loaded;

  private TokenCount(Vertx vertx, Future<Void> loaded) {
    this.vertx = vertx;
    this.loaded = loaded;
  }

  /** Begins to load the vocabulary; nobody has to wait for it. */
  public static TokenCount load(Vertx vertx) {
    return new TokenCount(
        vertx,
        vertx.executeBlocking(
            () -> {
              TokenCounter.load();
              return null;
            },
            false));
  }

  /**
   * What the conversation and its answer come to; it always succeeds. A conversation that the session has counted is not
   * looked at again, however long it is.
   *
   * @param estimated whether a provider should have told and did not
   */
  public Future<Usage> of(Completion asked, String answer, boolean estimated) {
    int promptSize = isCounted(asked) ? 0 : promptSize(asked);
    int size = promptSize + answer.length();
    if (loaded.succeeded() && size <= SHORT) {
      return Future.succeededFuture(count(asked, answer, estimated));
    }
    return loaded
        .compose(ready -> vertx.executeBlocking(() -> count(asked, answer, estimated), false))
        .otherwise(failure -> {
          log.error("tokens could not be counted", failure);
          long input = isCounted(asked) ? asked.promptTokens() : promptSize / 4;
          return new Usage(input, answer.length() / 4, 0, true);
        });
  }

  /**
   * The conversation without its oldest turns, where it is longer than the model's window, and both are known; it always
   * succeeds, with the whole conversation where it cannot be cut. Completed at once for one that fits.
   */
  public Future<Completion> fit(Completion asked, Model model) {
    if (model.window() == null || new Window(model.window()).holds(asked)) {
      return Future.succeededFuture(asked);
    }
    Window window = new Window(model.window());
    return loaded
        .compose(ready -> vertx.executeBlocking(() -> window.fit(asked), false))
        .otherwise(failure -> {
          log.error("a conversation could not be cut to its model's window", failure);
          return asked;
        });
  }

  private static Usage count(Completion asked, String answer, boolean estimated) {
    long input = isCounted(asked) ? asked.promptTokens() : promptTokens(asked);
    return new Usage(input, TokenCounter.count(answer), 0, estimated);
  }

  private static boolean isCounted(Completion asked) {
    return asked.promptTokens() > 0;
  }

  private static long promptTokens(Completion asked) {
    long tokens = TokenCounter.count(systemPrompt(asked));
    for (ChatMessage message : asked.history()) {
      tokens += TokenCounter.count(message.content());
    }
    return tokens;
  }

  private static int promptSize(Completion asked) {
    return asked.history().stream().mapToInt(message -> message.json().length()).sum()
        + systemPrompt(asked).length();
  }

  private static String systemPrompt(Completion asked) {
    String prompt = asked.settings().systemPrompt();
    return prompt == null ? "" : prompt;
  }
}
