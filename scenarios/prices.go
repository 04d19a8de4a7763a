package scenarios

import (
	"fmt"
	"reflect"
)

// Prices are what a provider takes, without which money is not spoken of. Zero is
// for nothing.
type Prices struct {
	Currency string `yaml:"currency"`
	// What is rented by the hour: a CPU, and a GiB of memory.
	CPUHour    float64 `yaml:"cpu_hour"`
	MemoryHour float64 `yaml:"memory_gib_hour"`
	// What is counted: 10⁹ bytes to clients, a million requests, a million minutes
	// of a connection.
	Egress            float64 `yaml:"egress_gb"`
	Requests          float64 `yaml:"million_requests"`
	ConnectionMinutes float64 `yaml:"million_connection_minutes"`
}

// Validate returns everything that is wrong with the prices, joined; each is a
// *Problem.
func (p *Prices) Validate() error {
	var c checker
	c.oneLine("currency", p.Currency)
	c.check(len(p.Currency) <= 8, "currency", "%q: want a short name, such as EUR", p.Currency)
	some := false
	v := reflect.ValueOf(*p)
	for field, value := range v.Fields() {
		if value.Kind() != reflect.Float64 {
			continue
		}
		price := value.Float()
		c.check(price >= 0 && price <= 1e6, field.Tag.Get("yaml"), "%g: want a price from 0 to a million", price)
		some = some || price > 0
	}
	c.check(some, "", "no price is above zero: want one at least, such as cpu_hour: 0.04")
	return c.joined()
}

// ReadPrices returns the prices in the file, read as strictly as a scenario.
func ReadPrices(file string) (*Prices, error) {
	text, err := textOf(file)
	if err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	return DecodePrices(file, text)
}

// DecodePrices reads prices from YAML, as strictly as a scenario; see Decode.
func DecodePrices(file string, text []byte) (*Prices, error) {
	p := &Prices{Currency: "EUR"}
	if err := decode(file, text, p, p.Validate); err != nil {
		return nil, err
	}
	return p, nil
}
