package io.consoul.launcher.tryout;

import java.util.List;
import java.util.stream.Collectors;

/** What to do with a cluster that is up: lines to paste, for an answer that goes on when its node is killed. */
record Example(List<Member> members, String key, String keyOption) {

  /** Long enough to kill a node meanwhile: the echo model, which is there without a key, says fifty words a second. */
  private static final String BODY =
      "\"{\\\"session_id\\\":\\\"me\\\",\\\"message\\\":\\\"Say this: $(seq -s ' ' 1000)\\\"}\"";

  private static final String STOP = "Ctrl-C stops all nodes.";

  String text() {
    List<Member> gateways =
        members.stream().filter(member -> member.role().hasGateway()).toList();
    if (gateways.isEmpty()) { // ended while the others started
      return "\n" + STOP;
    }
    Member one = gateways.get(0);
    Member other = gateways.get(gateways.size() > 1 ? 1 : 0);
    StringBuilder text =
        new StringBuilder("\nAn answer, from node " + one.number() + ":\n\n" + curl(one));
    if (providers().size() > 1) {
      text.append(
              "\n\nKill the node that gives it while it speaks, from a second terminal, and ask node ")
          .append(other.number())
          .append(" for the same answer:\n\n  kill -9 ")
          .append(speakers(one))
          .append("\n")
          .append(curl(other));
    }
    return text.append("\n\n").append(STOP).toString();
  }

  private List<Member> providers() {
    return members.stream().filter(member -> member.role().hasProvider()).toList();
  }

  /** A node that can gives the answer itself; else it is any of those that can. */
  private String speakers(Member gateway) {
    if (gateway.role().hasProvider()) {
      return Long.toString(gateway.pid());
    }
    return providers().stream()
        .map(Member::pid)
        .map(pid -> Long.toString(pid))
        .collect(Collectors.joining("   # or "));
  }

  /** The idempotency key makes the second one the same turn. */
  private String curl(Member gateway) {
    return "  curl -N " + gateway.url() + "/chat/stream -H 'Content-Type: application/json'"
        + keyOption + " -H 'Idempotency-Key: " + key + "' \\\n       -d " + BODY;
  }
}
