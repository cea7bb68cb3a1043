package io.consoul.testkit;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.Accepted;
import io.consoul.message.Alive;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Aside;
import io.consoul.message.Asides;
import io.consoul.message.AttachTurn;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.BreakerChanged;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.ChatMessage;
import io.consoul.message.CompleteChat;
import io.consoul.message.Completed;
import io.consoul.message.CompletionOptions;
import io.consoul.message.CreateSession;
import io.consoul.message.Credit;
import io.consoul.message.Cuts;
import io.consoul.message.DeleteSession;
import io.consoul.message.Deleted;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.DrainNode;
import io.consoul.message.EndBatch;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.Follower;
import io.consoul.message.Following;
import io.consoul.message.GcRun;
import io.consoul.message.GcStatus;
import io.consoul.message.HandOn;
import io.consoul.message.HandedOn;
import io.consoul.message.Heard;
import io.consoul.message.Hello;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.ListSessions;
import io.consoul.message.Listener;
import io.consoul.message.MessagePage;
import io.consoul.message.ModelList;
import io.consoul.message.NodeChanged;
import io.consoul.message.Owner;
import io.consoul.message.Progress;
import io.consoul.message.ProviderHeld;
import io.consoul.message.Queued;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.RecallSession;
import io.consoul.message.Recalled;
import io.consoul.message.Renewed;
import io.consoul.message.Replayed;
import io.consoul.message.Resumption;
import io.consoul.message.RunGc;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionFree;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionMoved;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.StoreChanged;
import io.consoul.message.StoreState;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** At least one of every message there is, with the awkward values that a wire may spoil. */
public final class SampleMessages {

  private static final TurnId TURN = TurnId.mint(new SessionId("Zürich: 🎉 {1}"), new Random(7));
  private static final Tenant TENANT = new Tenant("acme-1");
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901Z");
  private static final long FENCE = 1_790_000_000_123L;
  private static final String TEXT = "Grüße 🎉 \"quoted\" \\ \n\t\u0001 \u2028 end";

  /** A fresh list. {@code Unknown} is not in it: nobody sends one. */
  public static List<BusMessage> all() {
    Listener listener = new Listener("inbox-1", 16_384);
    Usage usage = new Usage(3_000_000_000L, 7, 0.000123, true);
    Failed failed =
        new Failed(Fault.LLM_RATE_LIMITED, TEXT, 42, new JsonObject().put("field", "x"));
    BeginTurn begin = new BeginTurn(TURN, TENANT, TEXT, "openai/gpt", listener);
    Completed completed =
        new Completed(TURN, FENCE, 12, FinishReason.LENGTH, usage, "gpt", "openai", NOW, 1_234);
    SessionInfo info = new SessionInfo(
        TURN.session(), null, NOW, NOW, NOW, 3, usage, Settings.NONE, Map.of("k", "v"), TURN);
    GcRun gcRun = new GcRun(NOW, 17, false, 1, 2, 3, 0);
    return List.of(
        begin,
        new BeginTurn(TURN, Tenant.DEFAULT, "x", null, new Listener("inbox-2", 77, 1, true))
            .of(new Owner("key-1")),
        new Queued(TURN, 3),
        new Accepted(TURN, FENCE, "provider-inbox"),
        new AnswerTurn(
            TURN,
            TENANT,
            FENCE,
            "token",
            null,
            new Settings("be brief", 0.7, 100),
            List.of(ChatMessage.user(TEXT), ChatMessage.assistant(""), ChatMessage.system("s")),
            listener,
            "session-inbox",
            NOW),
        new AnswerTurn(
            TURN,
            TENANT,
            FENCE,
            "token",
            "echo",
            Settings.NONE,
            List.of(),
            listener,
            "session-inbox",
            NOW),
        new AnswerTurn(
            TURN, TENANT, FENCE, null, "echo", Settings.NONE, List.of(), listener, null, NOW),
        new Answering(TURN, FENCE, "echo", "provider-inbox"),
        new Delta(TURN, FENCE, 0, TEXT),
        new Delta(TURN, Long.MAX_VALUE, Integer.MAX_VALUE, ""),
        new Asides(
            TURN,
            FENCE,
            3,
            List.of(
                new Aside.Reasoning(TEXT), new Aside.ToolCall(1, "call_1", "get_time", "{\"t"))),
        new Alive(TURN, FENCE),
        completed,
        new TurnFailed(TURN, 0, 0, failed),
        new Credit(TURN, FENCE, "inbox-1", 99),
        new Credit(TURN, FENCE, "inbox-1", 9, 99, 7),
        new Detach(TURN, "inbox-1"),
        new FollowTurn(TURN, 17, 3, 1, listener),
        new Following(TURN, FENCE),
        new Following(TURN, FENCE, Cuts.NONE.and(17).and(0)),
        new HandOn(
            TURN,
            TENANT,
            FENCE,
            "token",
            1,
            new Heard(FENCE, 12, TEXT),
            List.of(new Follower(listener, 17, 1))),
        new HandedOn(TURN, FENCE),
        new AttachTurn(TURN, TENANT, 17, 1, new Heard(FENCE, 3, TEXT), listener),
        new Replayed(TURN, 5, TEXT, completed, 2),
        new DrainNode("node"),
        new NodeChanged("node", NodeChanged.Change.DRAINING, 3),
        new AnswerTurn(
            TURN,
            TENANT,
            FENCE,
            "token",
            "echo",
            Settings.NONE,
            List.of(ChatMessage.user(TEXT)),
            12,
            CompletionOptions.NONE,
            listener,
            "session-inbox",
            NOW,
            new Resumption(TEXT, Cuts.NONE.and(9), 1, List.of(new Follower(listener, 3, 0)))),
        new Progress(TURN, TENANT, FENCE, "token", 5, TEXT),
        new Renewed(TURN),
        new SealTurn(
            TURN,
            TENANT,
            FENCE,
            "token",
            TEXT,
            FinishReason.INTERRUPTED,
            usage,
            "gpt",
            "openai",
            2,
            Cuts.NONE.and(7),
            failed),
        new SealTurn(TURN, TENANT, FENCE, "t", "x", FinishReason.STOP, usage, "gpt", "openai"),
        new Sealed(TURN, NOW),
        new AbortTurn(TURN, TENANT, FENCE, "token"),
        new Aborted(TURN),
        new Sweep(100, true),
        new Swept(1, 2, 3, true),
        new SessionFree(TURN.session(), TENANT),
        new SessionMoved(TURN.session(), TENANT),
        new RecallSession(TURN.session(), TENANT),
        new Recalled(-1),
        new Recalled(17),
        new StoreChanged("node", StoreState.DEGRADED, 0),
        new StoreChanged("node", StoreState.REDIS, 17),
        new BreakerChanged("openai", BreakerChanged.State.OPEN, "node", 59_999),
        new BreakerChanged("openai", BreakerChanged.State.HALF_OPEN, "node", 0),
        new ProviderHeld("openai", "gpt ü", "node", 20_000),
        new Hello(Kind.SESSION, "node", "inbox", 5, false, false, 2, StoreState.DOWN),
        new Accepted(TURN, FENCE, "provider-inbox", true),
        new Hello(Kind.PROVIDER, "node", "inbox", 5, true, false, 2),
        begin.under(new IdempotencyKey("key ü")),
        begin.in(new Batch("batch-1", true)),
        begin.setAside(),
        new AttachTurn(TURN, TENANT, 17, listener),
        new Replayed(TURN, 5, TEXT, completed),
        new Replayed(TURN, 0, "", new TurnFailed(TURN, FENCE, 0, failed)),
        new CancelTurn(TURN.session(), TENANT, TURN),
        new CancelTurn(TURN.session(), TENANT, null),
        new Cancelled(TURN),
        new EndBatch(TURN.session(), TENANT, "batch-1"),
        new Cancelled(null),
        new StopAnswer(TURN, FENCE, failed),
        new Stopped(TURN, true),
        new CreateSession(
            TURN.session(), TENANT, "echo", new Settings(TEXT, 0.5, 7), Map.of("k", "v ü")),
        new CreateSession(
            TURN.session(), TENANT, new Owner("key-1"), null, Settings.NONE, Map.of()),
        new ReadSession(TURN.session(), TENANT),
        info,
        new ReadMessages(TURN.session(), TENANT, 5, "cursor"),
        new MessagePage(
            TURN.session(),
            List.of(
                new MessagePage.Entry(ChatMessage.user(TEXT), TURN, NOW, null, null, null),
                new MessagePage.Entry(
                    ChatMessage.assistant("x"), TURN, NOW, "gpt", usage, FinishReason.STOP)),
            null),
        new ListSessions(TENANT, "shop", 100, null, true),
        new ListSessions(TENANT, new Owner("key-1"), null, 5, null, false),
        new SessionPage(List.of(info), "next"),
        new DeleteSession(TURN.session(), TENANT),
        new Deleted(TURN.session()),
        new SessionChanged(TURN.session(), TENANT, SessionChanged.Change.EXPIRED),
        new CompleteChat(
            TURN,
            TENANT,
            "gpt",
            Settings.NONE,
            List.of(ChatMessage.user(TEXT)),
            new CompletionOptions("{\"top_p\":0.5}"),
            listener,
            null),
        new CompleteChat(
            TURN,
            TENANT,
            null,
            Settings.NONE,
            List.of(ChatMessage.user(TEXT)),
            CompletionOptions.NONE,
            listener,
            TEXT),
        new ListModels(),
        new ModelList(List.of(
            new ModelList.Model("openai/gpt", "openai", true),
            new ModelList.Model(
                "safe",
                "openai",
                false,
                128_000,
                new ModelList.Prices(0.4, 0.1, 1.6),
                BreakerChanged.State.HALF_OPEN))),
        new RunGc(true),
        gcRun,
        new ReadGcStatus(),
        new GcStatus(true, 3, 4, 5, 6, gcRun, NOW),
        new GcStatus(false, 0, 0, 0, 0, null, null),
        new Queued(TURN, 9, 3),
        new Accepted(TURN, 9, FENCE, "provider-inbox", false, Cuts.NONE.and(3)),
        new Delta(TURN, 9, FENCE, 0, TEXT),
        new Alive(TURN, 9, FENCE),
        completed.to(1L << 53),
        new Credit(TURN, FENCE, "inbox-1", 9, 99),
        new Detach(TURN, "inbox-1", 9),
        failed,
        new Failed(Fault.INTERNAL_ERROR, null, null, null));
  }

  private SampleMessages() {}
}
