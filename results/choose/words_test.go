package choose

import "testing"

func TestNumbersAreWordedAsPeopleReadThem(t *testing.T) {
	for got, want := range map[string]string{
		count(0): "0", count(0.01234): "0.0123", count(2): "2", count(9.996): "10", count(123.4): "123",
		count(1234.5): "1,230", count(200_000): "200,000", count(1.5): "1.5", count(12345678): "12,300,000",
		rate("events")(2): "2 events/s", rate("events")(0.4): "0.4 events/s", rate("events")(0.05): "3 events/min",
		rate("events")(1.0 / 3600): "1 event/h", rate("messages")(1): "1 message/s", rate("messages")(1.0 / 86400): "0.0417 messages/h",
		plural(1, "client"): "1 client", plural(1.0004, "server"): "1 server", plural(0.5, "server"): "0.5 servers", plural(0, "load"): "0 loads", rate("messages")(0): "no messages",
		bytes(200): "200 B", bytes(2048): "2 KiB", bytes(16 << 30): "16 GiB", bytes(1.5 * (1 << 40)): "1.5 TiB",
		seconds(0.25): "250 ms", seconds(12): "12 s", seconds(90): "90 s", seconds(150): "2.5 min", seconds(3600): "60 min", seconds(3 * 3600): "3 h", seconds(10 * 86400): "10 days",
		percent(0.6): "60 %",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
