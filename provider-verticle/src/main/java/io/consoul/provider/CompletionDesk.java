package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BreakerChanged;
import io.consoul.message.CompleteChat;
import io.consoul.message.Cuts;
import io.consoul.message.Follower;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.ModelList;
import io.consoul.message.Resumption;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Serves those who want a completion and no session, and tells them which models there are. */
final class CompletionDesk {

  /** Short enough that whoever asked hears of it within the 2 s that everybody has. */
  private static final Duration PASSING_ON = Duration.ofMillis(1_800);

  private final AnswerDesk desk;

  CompletionDesk(AnswerDesk desk) {
    this.desk = desk;
  }

  Future<ModelList> models(ListModels ask) {
    return Future.succeededFuture(new ModelList(desk.routes().known(this::breaker)));
  }

  private BreakerChanged.State breaker(String provider) {
    return BreakerChanged.State.valueOf(
        bench().courses().health(provider).state().name());
  }

  private Workbench bench() {
    return desk.bench();
  }

  /** For the public address, which the bus deals out to instances that are being stopped, too. */
  Future<Answering> completeOrPassOn(CompleteChat chat) {
    Optional<Hello> other =
        desk.isDraining() ? bench().node().directory().pick(Kind.PROVIDER) : Optional.empty();
    return other
        .map(instance -> bench()
            .node()
            .bus()
            .ask(Kind.PROVIDER, instance.inbox(), chat, Answering.class, PASSING_ON))
        .orElseGet(() -> complete(chat));
  }

  /** Repeating it is safe while it runs: the same listener's is acknowledged again. */
  Future<Answering> complete(CompleteChat chat) {
    RunningTurn known = desk.find(chat.turn());
    if (known == null) {
      return desk.answerAloud(order(chat));
    }
    if (known.isHeardBy(chat.listener())) {
      return Future.succeededFuture(known.answering());
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField(
        "turn", "names somebody else's stream; leave it out, or take a new one");
  }

  private AnswerTurn order(CompleteChat chat) {
    return new AnswerTurn(
        chat.turn(),
        chat.tenant(),
        bench().millis(),
        null,
        chat.model(),
        chat.settings(),
        chat.messages(),
        0,
        chat.options(),
        chat.listener(),
        null,
        bench().now().plus(bench().config().completionTimeout()),
        resumption(chat));
  }

  private Resumption resumption(CompleteChat chat) {
    String said = chat.said();
    if (said == null) {
      return null;
    }
    if (said.length() > bench().config().maxAnswerSize()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("said", "is longer than an answer may be");
    }
    Follower listener = new Follower(chat.listener(), said.length(), 1);
    return new Resumption(said, Cuts.NONE.and(said.length()), 1, List.of(listener));
  }
}
