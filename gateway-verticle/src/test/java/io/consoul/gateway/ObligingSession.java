package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;

import io.consoul.fault.Fault;
import io.consoul.message.AttachTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.ChatMessage;
import io.consoul.message.CompleteChat;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.Deleted;
import io.consoul.message.Delta;
import io.consoul.message.FinishReason;
import io.consoul.message.ListModels;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ModelList;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Scripts for a session that does whatever it is asked, or nothing of it. */
final class ObligingSession {

  static final TurnId TURN = TurnId.mint(new SessionId("s1"), RandomGenerator.getDefault());

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.123456Z");

  private ObligingSession() {}

  static void oblige(ScriptedSession session) {
    session
        .answering(begin -> List.of(delta(begin, 0, "Hel"), completed(begin, 3)))
        .completing(
            chat -> List.of(new Delta(chat.turn(), 0, 0, "Hel"), completed(chat.turn(), 0, 3)))
        .on(ListModels.class, list -> Future.succeededFuture(models()))
        .on(AttachTurn.class, attach -> Future.succeededFuture(replayed(attach.turn())))
        .on(CancelTurn.class, cancel -> Future.succeededFuture(new Cancelled(TURN)))
        .on(CreateSession.class, create -> Future.succeededFuture(info(null)))
        .on(ReadSession.class, read -> Future.succeededFuture(info(TURN)))
        .on(
            ListSessions.class,
            list -> Future.succeededFuture(new SessionPage(List.of(info(null)), "next")))
        .on(ReadMessages.class, read -> Future.succeededFuture(page()))
        .on(DeleteSession.class, delete -> Future.succeededFuture(new Deleted(delete.session())));
  }

  static void refuse(ScriptedSession session, Fault fault) {
    session.failing(fault);
    List.of(
            CompleteChat.class,
            ListModels.class,
            AttachTurn.class,
            CancelTurn.class,
            CreateSession.class,
            ReadSession.class,
            ListSessions.class,
            ReadMessages.class,
            DeleteSession.class)
        .forEach(type -> session.on(
            type.asSubclass(BusMessage.class),
            message -> Future.failedFuture(fault.retryAfter(3, "no."))));
  }

  private static Replayed replayed(TurnId turn) {
    return new Replayed(turn, 0, "Hel", completed(turn, 1, 3));
  }

  private static ModelList models() {
    return new ModelList(List.of(new ModelList.Model("m1", "p1", true)));
  }

  private static SessionInfo info(TurnId inProgress) {
    return new SessionInfo(
        new SessionId("s1"),
        "m1",
        NOW,
        NOW,
        NOW,
        2,
        new Usage(3, 4, 1, 1, 0.5, true),
        inProgress == null ? Settings.NONE : new Settings("Be kind.", 0.5, 10),
        Map.of("k", "v"),
        inProgress);
  }

  private static MessagePage page() {
    return new MessagePage(
        new SessionId("s1"),
        List.of(
            new MessagePage.Entry(ChatMessage.user("Hi"), TURN, NOW, null, null, null),
            new MessagePage.Entry(
                ChatMessage.assistant("Hello"),
                TURN,
                NOW,
                "m1",
                new Usage(3, 4, 0, false),
                FinishReason.STOP)),
        null);
  }
}
