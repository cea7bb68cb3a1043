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
   * What the conversation and its answer come to; it always succeeds.
   *
   * @param estimated whether a provider should have told and did not
   */
  public Future<Usage> of(Completion asked, String answer, boolean estimated) {
    int size = answer.length()
        + asked.history().stream().mapToInt(message -> message.json().length()).sum()
        + systemPrompt(asked).length();
    if (loaded.succeeded() && size <= SHORT) {
      return Future.succeededFuture(count(asked, answer, estimated));
    }
    return loaded
        .compose(ready -> vertx.executeBlocking(() -> count(asked, answer, estimated), false))
        .otherwise(failure -> {
          log.error("tokens could not be counted", failure);
          return new Usage(size / 4, answer.length() / 4, 0, true);
        });
  }

  private static Usage count(Completion asked, String answer, boolean estimated) {
    long input = TokenCounter.count(systemPrompt(asked));
    for (ChatMessage message : asked.history()) {
      input += TokenCounter.count(message.content());
    }
    return new Usage(input, TokenCounter.count(answer), 0, estimated);
  }

  private static String systemPrompt(Completion asked) {
    String prompt = asked.settings().systemPrompt();
    return prompt == null ? "" : prompt;
  }
}
